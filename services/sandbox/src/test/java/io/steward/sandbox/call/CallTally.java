package io.steward.sandbox.call;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/// Counts what went wrong.
final class CallTally implements CallCounts {
  private final AtomicInteger lost = new AtomicInteger();
  private final AtomicInteger failed = new AtomicInteger();
  private final List<Start> starts = new CopyOnWriteArrayList<>();
  private final List<Start> misses = new CopyOnWriteArrayList<>();

  @Override
  public void callLost() {
    lost.incrementAndGet();
  }

  @Override
  public void callFailed() {
    failed.incrementAndGet();
  }

  @Override
  public void sandboxStarted(Start start, Duration took) {
    starts.add(start);
  }

  @Override
  public void sandboxMissed(Start start) {
    misses.add(start);
  }

  /// Who wanted sandboxes that could not be had, in order.
  List<Start> misses() {
    return List.copyOf(misses);
  }

  /// Who wanted the sandboxes that were opened, in order.
  List<Start> starts() {
    return List.copyOf(starts);
  }

  int lost() {
    return lost.get();
  }

  int failed() {
    return failed.get();
  }
}
