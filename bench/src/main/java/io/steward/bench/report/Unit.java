package io.steward.bench.report;

/// Units of figures.
public enum Unit {
  MILLIS("ms"),
  SECONDS("s"),
  PER_SECOND("/s"),
  BYTES("B"),
  MEGABYTES("MB"),
  COUNT("");

  private final String symbol;

  Unit(String symbol) {
    this.symbol = symbol;
  }

  /// As it is written behind a number.
  public String symbol() {
    return symbol;
  }
}
