package io.steward.vaultproxy.web;

import java.time.Duration;

/// When a fetch is over, on the clock that only goes forward.
record Deadline(long atNanos) {
  static Deadline in(Duration time) {
    return new Deadline(System.nanoTime() + time.toNanos());
  }

  /// Zero when it has passed.
  Duration left() {
    return Duration.ofNanos(Math.max(0, atNanos - System.nanoTime()));
  }
}
