package io.steward.e2e.fault;

import java.util.Locale;

/// A process that faults hit.
enum Victim {
  AGENT_CONFIG,
  SESSION_LOG,
  HARNESS,
  SANDBOX,
  VAULT_PROXY,
  KAFKA,
  POSTGRES,
  DEVBOX;

  /// Its name in `run/<name>.pid`.
  String wireName() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// Whether running tool calls may end with it.
  boolean endsCalls() {
    return this == SANDBOX || this == DEVBOX;
  }

  @Override
  public String toString() {
    return wireName();
  }
}
