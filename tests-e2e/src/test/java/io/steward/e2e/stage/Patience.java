package io.steward.e2e.stage;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/// Waiting for something outside of this process that cannot be subscribed to.
public final class Patience {
  private static final Duration PERIOD = Duration.ofMillis(20);

  private Patience() {}

  /// Waits until the condition holds; fails with what `description` says after the deadline.
  public static void until(
      Duration deadline, Supplier<String> description, Callable<Boolean> condition)
      throws Exception {
    long end = System.nanoTime() + deadline.toNanos();
    while (!condition.call()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("not within " + deadline + ": " + description.get());
      }
      LockSupport.parkNanos(PERIOD.toNanos());
    }
  }
}
