package io.steward.bench.scenario;

import java.util.List;

/// All scenarios, in the order they run in.
public final class Scenarios {
  /// Loads come before latencies: on two processors compilers are busy for minutes, and what they
  /// still do then is in each latency. Those that start processes anew come behind them, and the
  /// one that fills the log last.
  public static final List<Scenario> ALL =
      List.of(
          new Throughput(),
          new Streams(),
          new Overhead(),
          new Sandboxes(),
          new Recovery(),
          new Instances(),
          new Scale());

  private Scenarios() {}

  /// Their names.
  public static List<String> names() {
    return ALL.stream().map(Scenario::name).toList();
  }
}
