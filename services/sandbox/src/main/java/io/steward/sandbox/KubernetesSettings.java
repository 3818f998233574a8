package io.steward.sandbox;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Sandboxes in pods, for `STEWARD_SANDBOX=kubernetes`. Keys `sandbox.kubernetes.…`. Quantities are
/// written as in Kubernetes (`500m`, `2Gi`). Which cluster: `KUBECONFIG`, else the service account
/// of this service's own pod.
public interface KubernetesSettings {
  /// Where the pods are. Nothing else should be there.
  String namespace();

  /// Tells the pods of one installation of Steward from those of another.
  String installation();

  /// Who makes the pods: `pods` for this service itself, or `agent-sandbox` for the controller of
  /// `kubernetes-sigs/agent-sandbox`, which the cluster then must have.
  String provisioner();

  /// Image of the pods: any with bash, coreutils, findutils, grep, sed and tar. Environment:
  /// `STEWARD_SANDBOX_IMAGE`.
  Optional<String> image();

  /// Names of secrets of the namespace that images are pulled with.
  Optional<List<String>> imagePullSecrets();

  /// RuntimeClass of the pods, such as one of gVisor or Kata.
  Optional<String> runtimeClass();

  /// Labels of nodes, each `key=value`.
  Optional<List<String>> nodeSelector();

  /// Taints of nodes that pods tolerate, each `key`, `key:Effect` or `key=value:Effect`.
  Optional<List<String>> tolerations();

  String cpuRequest();

  String cpuLimit();

  /// The limit is `sandbox.memory-bytes-max`.
  String memoryRequest();

  String ephemeralStorageRequest();

  /// Bytes on the node's disk of all directories of a pod together. Each has a limit of its own:
  /// `sandbox.workspace-bytes-max`, `sandbox.tmp-bytes-max`.
  String ephemeralStorageLimit();

  /// How long a pod may live in all; then the cluster ends it.
  Duration activeDeadline();

  /// How long a pod may take until it is ready, its image included.
  Duration startTimeout();

  /// How old a pod is before anybody but its user removes it.
  Duration orphanGrace();

  /// Between looks for pods nobody needs.
  Duration round();

  PoolSettings pool();

  /// Pods that wait for sessions. Keys `sandbox.kubernetes.pool.…`.
  interface PoolSettings {
    int sizeMin();

    /// 0 for no pool.
    int sizeMax();

    /// As many pods wait as sessions took within this time.
    Duration recent();

    /// How long a pod may wait; then a fresh one takes its place.
    Duration ageMax();
  }
}
