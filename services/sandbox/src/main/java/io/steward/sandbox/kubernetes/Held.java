package io.steward.sandbox.kubernetes;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;

/// An object of the cluster that says, with [PodLabels], whose a pod is: the pod itself, or a claim
/// or a pool that agent-sandbox makes pods for.
///
/// @param ended whether the pod ended
record Held(HasMetadata object, boolean ended) {
  static Held of(Pod pod) {
    return new Held(pod, PodReconciliation.isEnded(pod));
  }

  String name() {
    return object.getMetadata().getName();
  }

  boolean isOf(String instance) {
    return PodLabels.value(object, PodLabels.INSTANCE).filter(instance::equals).isPresent();
  }

  boolean isSameAs(Held other) {
    return object.getMetadata().getUid().equals(other.object.getMetadata().getUid());
  }

  /// Whether it is still somebody's: it was not deleted, nor did its pod end.
  boolean isLiving() {
    return object.getMetadata().getDeletionTimestamp() == null && !ended;
  }
}
