package io.steward.sandbox.kubernetes;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;

/// Deletes claims, and with one its sandbox and its pod, in this order: each is made again as long
/// as the one before is there. The cluster would delete the two by itself, but the pod not at once.
/// Safe from any thread.
final class ClaimRemoval {
  private final AgentApi api;
  private final PodRemoval removal;

  ClaimRemoval(AgentApi api) {
    this.api = api;
    this.removal = new PodRemoval(api.client());
  }

  /// Deletes a claim whatever became of it meanwhile. What fails is left to reconciliation.
  void remove(GenericKubernetesResource claim) {
    if (removal.remove(claim)) {
      removeGiven(claim);
    }
  }

  /// Deletes a claim unless it changed since it was read.
  ///
  /// @return whether it goes, or is gone
  boolean removeUnchanged(GenericKubernetesResource claim) {
    boolean goes = removal.removeUnchanged(claim);
    if (goes) {
      removeGiven(claim);
    }
    return goes;
  }

  /// Names of sandboxes are never used twice.
  private void removeGiven(GenericKubernetesResource claim) {
    ClaimStatus.of(claim).sandbox().ifPresent(this::removeGiven);
  }

  private void removeGiven(String name) {
    GenericKubernetesResource sandbox = new GenericKubernetesResource();
    sandbox.setKind(AgentApi.Kind.SANDBOX.kind());
    sandbox.setMetadata(
        new ObjectMetaBuilder().withName(name).withNamespace(api.namespace()).build());
    Pod pod = new Pod();
    pod.setMetadata(sandbox.getMetadata());
    if (removal.remove(sandbox)) {
      removal.remove(pod);
    }
  }
}
