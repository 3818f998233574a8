package io.steward.devbox.settings;

/// A value that is never printed by accident.
///
/// @param value the text itself; asked for only where it is used
public record Secret(String value) {
  @Override
  public String toString() {
    return "***";
  }
}
