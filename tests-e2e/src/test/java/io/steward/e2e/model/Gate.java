package io.steward.e2e.model;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Holds a reply back until the test opens it.
public final class Gate {
  private final CountDownLatch latch = new CountDownLatch(1);

  public void open() {
    latch.countDown();
  }

  /// Whether the gate is open, after waiting for it at most so long.
  public boolean isOpenWithin(Duration patience) throws InterruptedException {
    return latch.await(patience.toNanos(), TimeUnit.NANOSECONDS);
  }
}
