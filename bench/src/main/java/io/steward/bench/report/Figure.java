package io.steward.bench.report;

import org.jspecify.annotations.Nullable;

/// One measured number.
///
/// @param name says what was measured, so that it can be read alone
/// @param target null when none was set
public record Figure(String name, double value, Unit unit, @Nullable Target target) {
  /// How a figure compares with its target.
  public enum Verdict {
    HELD,
    MISSED,
    NO_TARGET
  }

  public Verdict verdict() {
    if (target == null) {
      return Verdict.NO_TARGET;
    }
    return target.isHeldBy(value) ? Verdict.HELD : Verdict.MISSED;
  }
}
