package io.steward.vaultproxy.outbound;

import java.time.Duration;

/// When something is over, on the clock that only goes forward.
public record Deadline(long atNanos) {
  public static Deadline in(Duration time) {
    return new Deadline(System.nanoTime() + time.toNanos());
  }

  /// Zero when it has passed.
  public Duration left() {
    return Duration.ofNanos(Math.max(0, atNanos - System.nanoTime()));
  }

  /// This moment, or that time from now if it is earlier.
  public Deadline within(Duration time) {
    Deadline other = in(time);
    return other.atNanos() - atNanos < 0 ? other : this;
  }
}
