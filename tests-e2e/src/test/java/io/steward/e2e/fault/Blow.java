package io.steward.e2e.fault;

import java.time.Duration;

/// What is done to a process.
enum Blow {
  /// SIGKILL.
  KILL("killed"),
  /// SIGSTOP, and after [#PAUSE_LENGTH] SIGCONT.
  PAUSE("stopped");

  /// Longer than the session timeout of the harness and the timeout of its transactions.
  static final Duration PAUSE_LENGTH = Duration.ofSeconds(4);

  private final String words;

  Blow(String words) {
    this.words = words;
  }

  @Override
  public String toString() {
    return words;
  }
}
