package io.steward.sandbox.kubernetes;

import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// Makes pods, hands out those that wait, and finds and removes what holds them.
///
/// What fails because the API server refuses or does not answer is a [KubernetesClientException],
/// unless said otherwise. [#refill] is for one thread, the rest is safe from any.
sealed interface Provisioner permits PlainPods, AgentSandboxes {
  /// A pod that somebody uses.
  ///
  /// @param held what says so
  record Given(Held held, Pod pod) {}

  /// What came of asking for a pod.
  sealed interface Start {
    /// A pod that takes commands.
    ///
    /// @param warm whether it waited
    record Ready(Given given, boolean warm) implements Start {}

    /// There is no pod, and trying again soon is of no use.
    record Refused(PodTrouble trouble) implements Start {}
  }

  /// How many pods wait, and how many should.
  record Fill(int waiting, int wanted) {}

  /// A pod for a session: one that waited, or a new one.
  ///
  /// @throws IOException when there is none now, and nothing is left of the attempt; a later one
  ///   may succeed
  Start start(PodLabels.Use use) throws IOException;

  /// The pod of an incarnation, as long as it lives.
  Optional<Given> find(String incarnation);

  /// Makes a pod that was found this instance's.
  ///
  /// @return empty when somebody else was faster, or removed it
  Optional<Given> takeOver(Given given);

  /// What holds a pod, as it is now; empty when it is gone.
  Optional<Held> again(Held held);

  /// Removes what holds a pod, and so the pod, unless it changed since it was read.
  ///
  /// @return whether it goes, or is gone
  boolean removeUnchanged(Held held);

  /// Everything of the installation that holds a pod, and what was left over of it.
  List<Held> list();

  /// One round of looking after the pods that wait.
  ///
  /// @param all what [#list] said, now or before
  Fill refill(List<Held> all);
}
