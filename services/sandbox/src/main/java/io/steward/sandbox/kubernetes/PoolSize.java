package io.steward.sandbox.kubernetes;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// How many pods should wait: as many as sessions lately took, within bounds.
///
/// @param max 0 means no pool
/// @param recent what counts as lately
/// @param ageMax how long one may wait before a fresh one takes its place
public record PoolSize(int min, int max, Duration recent, Duration ageMax) {
  public PoolSize {
    if (min < 0 || max < min) {
      throw new IllegalArgumentException(
          "sandbox.kubernetes.pool.size-min must be from 0 to size-max, got "
              + min
              + " and "
              + max);
    }
  }

  /// How many should wait now.
  ///
  /// @param pods all of the installation, or the claims of them
  int wanted(List<? extends HasMetadata> pods, Instant now) {
    long taken =
        pods.stream()
            .filter(pod -> !PodLabels.isPool(pod))
            .filter(pod -> PodReconciliation.lastTaken(pod).isAfter(now.minus(recent)))
            .count();
    return (int) Math.clamp(taken, min, max);
  }
}
