package io.steward.vaultproxy.http;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// What is under way: how many requests, and how many bytes of bodies. Beyond a limit requests are
/// refused, so that those that wait do not fill the memory. Any thread.
final class Traffic {
  private final int requestsMax;
  private final long bytesMax;
  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicLong bytes = new AtomicLong();

  Traffic(int requestsMax, long bytesMax) {
    this.requestsMax = requestsMax;
    this.bytesMax = bytesMax;
  }

  /// The bytes of one body that are in memory.
  final class Body {
    private final AtomicLong held = new AtomicLong();

    /// Whether there is room for more bytes, which then are held.
    boolean hold(int more) {
      if (bytes.addAndGet(more) > bytesMax) {
        bytes.addAndGet(-more);
        return false;
      }
      held.addAndGet(more);
      return true;
    }

    /// Nothing of the body is in memory any more.
    void release() {
      bytes.addAndGet(-held.getAndSet(0));
    }
  }

  Body body() {
    return new Body();
  }

  /// Whether one more request may begin. If so, [#leave()] ends it.
  boolean enter() {
    if (requests.incrementAndGet() > requestsMax) {
      requests.decrementAndGet();
      return false;
    }
    return true;
  }

  void leave() {
    requests.decrementAndGet();
  }

  int requests() {
    return requests.get();
  }

  long bytes() {
    return bytes.get();
  }
}
