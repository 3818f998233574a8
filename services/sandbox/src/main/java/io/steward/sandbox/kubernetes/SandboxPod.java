package io.steward.sandbox.kubernetes;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.steward.sandbox.driver.remote.RemoteCommands;
import io.steward.sandbox.driver.remote.SandboxGoneException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/// The pod of one sandbox. Whoever has it closes it, which removes the pod. Safe from any thread.
final class SandboxPod implements RemoteCommands, AutoCloseable {
  private final KubernetesClient client;
  private final Pod pod;
  private final String incarnation;
  private final Runnable onClose;
  private final AtomicBoolean closed = new AtomicBoolean();

  /// @param onClose removes the pod
  SandboxPod(KubernetesClient client, Pod pod, String incarnation, Runnable onClose) {
    this.client = client;
    this.pod = pod;
    this.incarnation = incarnation;
    this.onClose = onClose;
  }

  String incarnation() {
    return incarnation;
  }

  String name() {
    return pod.getMetadata().getName();
  }

  @Override
  public PodConnection start(List<String> command) throws IOException {
    PodConnection connection;
    try {
      connection = PodConnection.open(client, pod.getMetadata().getNamespace(), name(), command);
    } catch (IOException e) {
      Optional<String> end = end();
      if (end.isPresent()) {
        throw new SandboxGoneException(end.get());
      }
      throw e;
    }
    if (isMadeAgain()) {
      requireItself(connection);
    }
    return connection;
  }

  /// Whether a controller makes another pod of this name when this one is gone.
  private boolean isMadeAgain() {
    return !pod.getMetadata().getOwnerReferences().isEmpty();
  }

  /// A name never goes back to a pod that had it before: when it is this one's now, it was so when
  /// the connection was made.
  private void requireItself(PodConnection connection) throws IOException {
    boolean itself = false;
    try {
      Optional<String> end = ending();
      if (end.isPresent()) {
        throw new SandboxGoneException(end.get());
      }
      itself = true;
    } catch (KubernetesClientException e) {
      throw new IOException("the cluster does not say whether this is still the pod", e);
    } finally {
      if (!itself) {
        connection.kill();
      }
    }
  }

  /// Why nothing can run in the pod any more.
  ///
  /// @return empty when the pod runs, or when the cluster does not tell
  Optional<String> end() {
    try {
      return ending();
    } catch (KubernetesClientException e) {
      return Optional.empty();
    }
  }

  private Optional<String> ending() {
    Pod now = client.pods().inNamespace(pod.getMetadata().getNamespace()).withName(name()).get();
    if (now == null || !now.getMetadata().getUid().equals(pod.getMetadata().getUid())) {
      return Optional.of("its pod was deleted");
    }
    return PodTrouble.of(now).map(PodTrouble::sentence);
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      onClose.run();
    }
  }
}
