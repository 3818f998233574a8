package io.steward.sessionlog.stream;

import java.util.concurrent.atomic.AtomicLong;

/// How many bytes the readers of all streams have not taken yet. Any thread.
final class Backlog {
  private final long bytesMax;
  private final AtomicLong bytes = new AtomicLong();

  Backlog(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  /// More bytes wait, or fewer when negative.
  void add(long more) {
    bytes.addAndGet(more);
  }

  /// Whether there is too much, so that readers which lag must go.
  boolean full() {
    return bytes.get() > bytesMax;
  }

  long bytes() {
    return bytes.get();
  }
}
