package io.steward.sandbox.shim;

/// How a file tool inside a sandbox ended.
public sealed interface HelperEnd {
  /// @param answer as the tool wrote it, see the script `tools`
  record Answered(byte[] answer) implements HelperEnd {}

  record TimedOut() implements HelperEnd {}

  record Canceled() implements HelperEnd {}

  /// The sandbox ended under the tool.
  record SandboxLost(String reason) implements HelperEnd {}
}
