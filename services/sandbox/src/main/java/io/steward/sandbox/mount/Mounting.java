package io.steward.sandbox.mount;

/// What came of showing mounts.
public sealed interface Mounting {
  /// Everything is there, and nothing else.
  record Shown() implements Mounting {}

  /// Something could not be shown; what else was wanted may be there or not. A later try may
  /// succeed.
  ///
  /// @param reason a sentence for the model and the client
  record Refused(String reason) implements Mounting {}
}
