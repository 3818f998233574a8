package io.steward.bench.load;

import java.util.List;

/// The distribution of times of one kind, in milliseconds.
///
/// @param count at least 1
/// @param curve ascending, for a plot
public record Latencies(
    long count, double median, double p90, double p99, double max, List<Point> curve) {
  /// @param percentile from 0 to below 100
  public record Point(double percentile, double millis) {}

  public Latencies {
    curve = List.copyOf(curve);
  }
}
