package io.steward.simulation;

/// Something that must never happen has happened.
final class Violation extends RuntimeException {
  private static final long serialVersionUID = 1;

  Violation(String what) {
    super(what);
  }

  static void unless(boolean holds, String what, Object detail) {
    if (!holds) {
      throw new Violation(what + ": " + detail);
    }
  }
}
