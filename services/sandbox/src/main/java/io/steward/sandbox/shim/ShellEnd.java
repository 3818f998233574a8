package io.steward.sandbox.shim;

/// How a command in the shell of a sandbox ended.
public sealed interface ShellEnd {
  /// The command ended and the shell goes on.
  record Exited(int code) implements ShellEnd {}

  /// The shell itself ended, as with `exit 3`.
  record ShellDied(int code) implements ShellEnd {}

  /// It took too long; the shell and what it started are gone.
  record TimedOut() implements ShellEnd {}

  /// It was canceled; the shell and what it started are gone.
  record Canceled() implements ShellEnd {}

  /// The sandbox ended under the command.
  ///
  /// @param reason part of a sentence, or empty when nothing is known
  record SandboxLost(String reason) implements ShellEnd {}
}
