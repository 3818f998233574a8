package io.steward.sandbox.kubernetes;

import java.time.Duration;

/// Hears what happens to pods, for metrics. Safe from any thread.
public interface PodCounts {
  /// A session got a pod.
  ///
  /// @param warm whether it waited for one
  /// @param took until it takes commands
  void started(boolean warm, Duration took);

  /// A session got no pod.
  ///
  /// @param cause of [PodTrouble#CAUSES]
  void refused(String cause);

  /// A pod was deleted that nobody needed.
  void removed(PodReconciliation.Cause cause);

  /// How many pods wait, and how many should.
  void pool(int waiting, int wanted);
}
