package io.steward.sandbox.call;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/// How many calls run at once, in the order in which they came.
final class Permits {
  private static final Duration PAUSE = Duration.ofMillis(200);

  private final Semaphore permits;

  /// @param callsMax from 1
  Permits(int callsMax) {
    permits = new Semaphore(callsMax, true);
  }

  /// Waits for a permit.
  ///
  /// @return false when it was given up before
  boolean acquire(BooleanSupplier givenUp) {
    try {
      while (!givenUp.getAsBoolean()) {
        if (permits.tryAcquire(PAUSE.toMillis(), TimeUnit.MILLISECONDS)) {
          return true;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return false;
  }

  void release() {
    permits.release();
  }
}
