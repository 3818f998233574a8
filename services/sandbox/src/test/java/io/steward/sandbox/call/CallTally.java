package io.steward.sandbox.call;

import java.util.concurrent.atomic.AtomicInteger;

/// Counts what went wrong.
final class CallTally implements CallCounts {
  private final AtomicInteger lost = new AtomicInteger();
  private final AtomicInteger failed = new AtomicInteger();

  @Override
  public void callLost() {
    lost.incrementAndGet();
  }

  @Override
  public void callFailed() {
    failed.incrementAndGet();
  }

  int lost() {
    return lost.get();
  }

  int failed() {
    return failed.get();
  }
}
