package io.steward.sandbox.kubernetes;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.steward.schemas.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Makes claims and waits, by watches, until the controller gave a sandbox for it and its pod is
/// ready. A claim that came to nothing is deleted. Safe from any thread.
final class ClaimStarts {
  private static final int NOT_FOUND = 404;

  private final AgentApi api;
  private final ClaimRemoval removal;
  private final Duration longest;

  /// @param longest from the creation of a claim until its pod is ready
  ClaimStarts(AgentApi api, ClaimRemoval removal, Duration longest) {
    this.api = api;
    this.removal = removal;
    this.longest = longest;
  }

  /// Why a claim came to nothing.
  static final class TroubleException extends Exception {
    private static final long serialVersionUID = 1;

    private final transient PodTrouble trouble;

    TroubleException(PodTrouble trouble) {
      this(trouble, null);
    }

    TroubleException(PodTrouble trouble, @Nullable Throwable cause) {
      super(trouble.sentence(), cause);
      this.trouble = trouble;
    }

    PodTrouble trouble() {
      return trouble;
    }
  }

  /// A claim, and the pod that was given for it and is ready. The claim names the pod.
  ///
  /// @throws TroubleException when there is none
  /// @throws IOException when the cluster does not say; another try may help
  Provisioner.Given start(GenericKubernetesResource wanted) throws TroubleException, IOException {
    GenericKubernetesResource known = wanted; // Perhaps created, when the answer is lost.
    boolean ready = false;
    try {
      known = api.all(AgentApi.Kind.CLAIM).resource(wanted).create();
      Pod pod = awaitPod(known);
      Held held = new Held(name(known, pod), false);
      ready = true;
      return new Provisioner.Given(held, pod);
    } catch (KubernetesClientException e) {
      throw new TroubleException(trouble(e), e);
    } finally {
      if (!ready) {
        removal.remove(known);
      }
    }
  }

  /// Why the API server did not do what it was asked for with objects of agent-sandbox.
  static PodTrouble trouble(KubernetesClientException e) {
    String said = e.getStatus() == null ? null : e.getStatus().getMessage();
    boolean noKind = e.getCode() == NOT_FOUND && (said == null || !said.startsWith("namespaces "));
    return noKind
        ? new PodTrouble(
            "The cluster knows no claims of sandboxes (any more); the operator has to install"
                + " agent-sandbox with its extensions.",
            true,
            "missing")
        : PodTrouble.of(e);
  }

  private Pod awaitPod(GenericKubernetesResource created) throws TroubleException, IOException {
    long deadline = System.nanoTime() + longest.toNanos();
    Resource<GenericKubernetesResource> claim =
        api.named(AgentApi.Kind.CLAIM, created.getMetadata().getName());
    ClaimStatus given =
        ClaimStatus.of(
            await(claim.informOnCondition(claims -> decided(claims, false)), deadline, claim, null)
                .getFirst());
    if (given.trouble().isPresent()) {
      throw new TroubleException(given.trouble().get());
    }
    Resource<Pod> pod =
        api.client().pods().inNamespace(api.namespace()).withName(given.sandbox().orElseThrow());
    Pod now = pod.get();
    if (now == null || !PodStarts.isDecided(List.of(now))) {
      now = await(claim, pod, deadline);
    }
    PodTrouble trouble = PodTrouble.of(now).orElse(null);
    if (trouble != null) {
      throw new TroubleException(trouble);
    }
    return now;
  }

  /// The pod may be what says the end of it, or the claim of a pod that cannot be made.
  private Pod await(Resource<GenericKubernetesResource> claim, Resource<Pod> pod, long deadline)
      throws TroubleException, IOException {
    CompletableFuture<List<GenericKubernetesResource>> refused =
        claim.informOnCondition(claims -> decided(claims, true));
    CompletableFuture<List<Pod>> decided = pod.informOnCondition(PodStarts::isDecided);
    try {
      await(CompletableFuture.anyOf(refused, decided), deadline, claim, pod);
      if (decided.isDone()) {
        return decided.join().getFirst();
      }
      throw new TroubleException(ClaimStatus.of(refused.join().getFirst()).trouble().orElseThrow());
    } finally {
      refused.cancel(true);
      decided.cancel(true);
    }
  }

  private static boolean decided(List<GenericKubernetesResource> claims, boolean troubleOnly) {
    if (claims.isEmpty()) {
      return false;
    }
    ClaimStatus status = ClaimStatus.of(claims.getFirst());
    return troubleOnly ? status.trouble().isPresent() : status.isDecided();
  }

  private <T> T await(
      CompletableFuture<T> change,
      long deadline,
      Resource<GenericKubernetesResource> claim,
      @Nullable Resource<Pod> pod)
      throws TroubleException, IOException {
    try {
      return change.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new TroubleException(late(claim, pod), e);
    } catch (ExecutionException e) {
      throw new IOException("the claim could not be watched: " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while the pod started", e);
    } finally {
      change.cancel(true);
    }
  }

  private PodTrouble late(
      Resource<GenericKubernetesResource> claim, @Nullable Resource<Pod> resource) {
    String seconds = longest.toSeconds() + " s";
    Pod pod = resource == null ? null : resource.get();
    if (pod != null) {
      return PodTrouble.late(pod, seconds);
    }
    GenericKubernetesResource now = claim.get();
    return now == null ? PodTrouble.late(null, seconds) : ClaimStatus.of(now).late(seconds);
  }

  /// Its controller makes another pod of that name when this one is gone; that one is not the
  /// sandbox's.
  private GenericKubernetesResource name(GenericKubernetesResource claim, Pod pod) {
    Map<String, Object> metadata =
        Map.of(
            "uid",
            claim.getMetadata().getUid(),
            "annotations",
            Map.of(PodLabels.POD_UID, pod.getMetadata().getUid()));
    return api.named(AgentApi.Kind.CLAIM, claim.getMetadata().getName())
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            new String(Json.bytes(Map.of("metadata", metadata)), StandardCharsets.UTF_8));
  }
}
