package io.steward.bench.load;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/// Times of one kind, of any number of threads, with three significant digits.
public final class Recording {
  /// A longer time counts as this one.
  public static final Duration MAX = Duration.ofMinutes(10);

  private static final long SHORTEST_NANOS = 1_000;
  private static final int DIGITS = 3;
  private static final double NANOS_OF_A_MILLI = 1e6;
  private static final double[] CURVE = {
    0, 10, 25, 50, 75, 90, 95, 97.5, 99, 99.5, 99.9, 99.95, 99.99
  };

  private final Histogram histogram =
      new ConcurrentHistogram(SHORTEST_NANOS, MAX.toNanos(), DIGITS);

  /// @throws IllegalArgumentException when the time is negative
  public void add(long nanos) {
    if (nanos < 0) {
      throw new IllegalArgumentException("a time of " + nanos + " ns is before its beginning.");
    }
    histogram.recordValue(Math.min(nanos, MAX.toNanos()));
  }

  /// What was recorded until now.
  ///
  /// @throws IllegalStateException when that is nothing
  public Latencies latencies() {
    Histogram now = histogram.copy();
    if (now.getTotalCount() == 0) {
      throw new IllegalStateException("nothing was recorded.");
    }
    List<Latencies.Point> curve = new ArrayList<>();
    for (double percentile : CURVE) {
      // A percentile says something only when at least one time is above it.
      if (now.getTotalCount() * (100 - percentile) >= 100) {
        curve.add(new Latencies.Point(percentile, millis(now, percentile)));
      }
    }
    return new Latencies(
        now.getTotalCount(),
        millis(now, 50),
        millis(now, 90),
        millis(now, 99),
        now.getMaxValue() / NANOS_OF_A_MILLI,
        curve);
  }

  private static double millis(Histogram histogram, double percentile) {
    return histogram.getValueAtPercentile(percentile) / NANOS_OF_A_MILLI;
  }
}
