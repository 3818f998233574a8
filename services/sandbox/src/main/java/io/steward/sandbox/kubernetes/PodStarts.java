package io.steward.sandbox.kubernetes;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.PodResource;
import io.fabric8.kubernetes.client.readiness.Readiness;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Creates pods and waits until they are ready, by a watch. One that did not become ready is
/// deleted. Safe from any thread.
final class PodStarts {
  private final KubernetesClient client;
  private final PodRemoval removal;
  private final Duration longest;

  /// @param longest from the creation of a pod until it is ready
  PodStarts(KubernetesClient client, PodRemoval removal, Duration longest) {
    this.client = client;
    this.removal = removal;
    this.longest = longest;
  }

  /// What came of a start.
  sealed interface Start {
    /// The caller removes it.
    record Ready(Pod pod) implements Start {}

    /// There is no pod, and trying again soon is of no use.
    record Refused(PodTrouble trouble) implements Start {}
  }

  /// A pod that is ready.
  ///
  /// @throws IOException when there is none and another try may help
  Start start(Pod wanted) throws IOException {
    Pod known = wanted; // When the answer is lost, it is not known whether it was created.
    boolean ready = false;
    try {
      known = client.resource(wanted).create();
      Start start = awaitReady(known);
      ready = start instanceof Start.Ready;
      return start;
    } catch (KubernetesClientException e) {
      PodTrouble trouble = PodTrouble.of(e);
      if (trouble.lasting()) {
        return new Start.Refused(trouble);
      }
      throw new IOException(trouble.sentence(), e);
    } finally {
      if (!ready) {
        removal.remove(known);
      }
    }
  }

  private Start awaitReady(Pod created) throws IOException {
    PodResource resource =
        client
            .pods()
            .inNamespace(created.getMetadata().getNamespace())
            .withName(created.getMetadata().getName());
    CompletableFuture<List<Pod>> change = resource.informOnCondition(PodStarts::isDecided);
    try {
      return decision(change.get(longest.toMillis(), TimeUnit.MILLISECONDS));
    } catch (TimeoutException e) {
      PodTrouble trouble = PodTrouble.late(resource.get(), longest.toSeconds() + " s");
      if (trouble.lasting()) {
        return new Start.Refused(trouble);
      }
      throw new IOException(trouble.sentence(), e);
    } catch (ExecutionException e) {
      throw new IOException("the pod could not be watched: " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while the pod started", e);
    } finally {
      change.cancel(true);
    }
  }

  /// Whether a pod is ready, or never will be.
  static boolean isDecided(List<Pod> pods) {
    return !pods.isEmpty()
        && (Readiness.isPodReady(pods.getFirst()) || PodTrouble.of(pods.getFirst()).isPresent());
  }

  private static Start decision(List<Pod> pods) throws IOException {
    Pod pod = pods.getFirst();
    PodTrouble trouble = PodTrouble.of(pod).orElse(null);
    if (trouble == null) {
      return new Start.Ready(pod);
    }
    if (trouble.lasting()) {
      return new Start.Refused(trouble);
    }
    throw new IOException("the pod of the sandbox did not start: " + trouble.sentence());
  }
}
