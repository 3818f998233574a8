package io.steward.bench.scenario;

import java.util.List;

/// All scenarios, in the order they run in.
public final class Scenarios {
  /// The one that fills the log comes last.
  public static final List<Scenario> ALL =
      List.of(
          new Overhead(),
          new Throughput(),
          new Streams(),
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
