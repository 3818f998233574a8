package io.steward.bench.load;

import java.time.Duration;

/// When each task of a load begins, fixed before the first one does, whatever the tasks take.
///
/// @param count tasks, at least 1
/// @param period from the beginning of one to that of the next, more than zero
public record Schedule(int count, Duration period) {
  private static final long NANOS_OF_A_SECOND = 1_000_000_000L;

  public Schedule {
    if (count < 1) {
      throw new IllegalArgumentException("count is " + count + ", but must be at least 1.");
    }
    if (period.isZero() || period.isNegative()) {
      throw new IllegalArgumentException("period is " + period + ", but must be more than zero.");
    }
  }

  /// Tasks at a steady rate for a time.
  ///
  /// @param perSecond more than 0
  public static Schedule atRate(double perSecond, Duration length) {
    if (!(perSecond > 0)) {
      throw new IllegalArgumentException(
          "perSecond is " + perSecond + ", but must be more than 0.");
    }
    int count = (int) Math.max(1, Math.round(perSecond * length.toNanos() / NANOS_OF_A_SECOND));
    return new Schedule(count, Duration.ofNanos(Math.round(NANOS_OF_A_SECOND / perSecond)));
  }

  /// When task `index` begins, in nanoseconds since the first one.
  public long offsetNanos(int index) {
    return index * period.toNanos();
  }
}
