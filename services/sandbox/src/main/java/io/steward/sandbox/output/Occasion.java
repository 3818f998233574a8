package io.steward.sandbox.output;

/// Why outputs are looked at, in the order of what a look takes.
public enum Occasion {
  /// Now and then while commands may run: files that rest.
  MEANWHILE,
  /// A call ended: everything.
  AFTER_CALL,
  /// Nobody writes any more, and this is the last look for now.
  AT_END
}
