package io.steward.sandbox.kubernetes;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// Remembers what it hears.
final class PodTally implements PodCounts {
  final List<Boolean> warm = new CopyOnWriteArrayList<>();
  final List<Duration> took = new CopyOnWriteArrayList<>();
  final List<String> refused = new CopyOnWriteArrayList<>();
  final List<PodReconciliation.Cause> removed = new CopyOnWriteArrayList<>();
  volatile int waiting;

  @Override
  public void started(boolean isWarm, Duration duration) {
    warm.add(isWarm);
    took.add(duration);
  }

  @Override
  public void refused(String cause) {
    refused.add(cause);
  }

  @Override
  public void removed(PodReconciliation.Cause cause) {
    removed.add(cause);
  }

  @Override
  public void pool(int now, int wanted) {
    waiting = now;
  }
}
