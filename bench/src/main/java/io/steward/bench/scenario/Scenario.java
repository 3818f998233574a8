package io.steward.bench.scenario;

import io.steward.bench.report.Section;

/// One thing that is measured. It leaves the Steward it runs on ready for the next one.
public interface Scenario {
  /// As `--only` names it.
  String name();

  Section run(Ground ground) throws Exception;
}
