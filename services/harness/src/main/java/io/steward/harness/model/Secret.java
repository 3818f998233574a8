package io.steward.harness.model;

/// A value that must not be printed.
public record Secret(String value) {
  /// `text` with every occurrence of the value masked.
  public String masked(String text) {
    return value.isEmpty() ? text : text.replace(value, toString());
  }

  @Override
  public String toString() {
    return "***";
  }
}
