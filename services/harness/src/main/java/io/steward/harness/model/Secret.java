package io.steward.harness.model;

/// A value that must not be printed.
public record Secret(String value) {
  @Override
  public String toString() {
    return "***";
  }
}
