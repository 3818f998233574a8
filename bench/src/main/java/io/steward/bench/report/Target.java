package io.steward.bench.report;

/// What a figure should be.
///
/// @param bound in the figure's unit
public record Target(Kind kind, double bound) {
  /// On which side of the bound the figure should be.
  public enum Kind {
    AT_MOST("≤"),
    AT_LEAST("≥");

    private final String sign;

    Kind(String sign) {
      this.sign = sign;
    }

    String sign() {
      return sign;
    }
  }

  public static Target atMost(double bound) {
    return new Target(Kind.AT_MOST, bound);
  }

  public static Target atLeast(double bound) {
    return new Target(Kind.AT_LEAST, bound);
  }

  /// Whether a value is on the right side; the bound itself is.
  public boolean isHeldBy(double value) {
    return switch (kind) {
      case AT_MOST -> value <= bound;
      case AT_LEAST -> value >= bound;
    };
  }
}
