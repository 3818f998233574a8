package io.steward.bench.model;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// What the model saw and did in one turn, by [System#nanoTime()].
public final class Exchange {
  private final CountDownLatch asked = new CountDownLatch(1);
  private final List<Long> requests = new ArrayList<>();
  private final List<Long> replyEnds = new ArrayList<>();
  private final long[] chunks;

  Exchange(int chunks) {
    this.chunks = new long[chunks];
  }

  synchronized void request(long nanos) {
    requests.add(nanos);
    asked.countDown();
  }

  synchronized void chunk(int index, long nanos) {
    if (index < chunks.length) {
      chunks[index] = nanos;
    }
  }

  synchronized void replyEnd(long nanos) {
    replyEnds.add(nanos);
  }

  /// Waits until the first request of the turn has been received.
  ///
  /// @return whether it was in that time
  public boolean awaitAsked(Duration atMost) throws InterruptedException {
    return asked.await(atMost.toNanos(), TimeUnit.NANOSECONDS);
  }

  /// When each request of the turn had been received.
  public synchronized List<Long> requestsNanos() {
    return List.copyOf(requests);
  }

  /// When the last byte of each reply was about to be written.
  public synchronized List<Long> replyEndsNanos() {
    return List.copyOf(replyEnds);
  }

  /// When this piece of the last reply was about to be written; 0 when it was not.
  public synchronized long chunkNanos(int index) {
    return index < chunks.length ? chunks[index] : 0;
  }
}
