package io.steward.vaultproxy.oauth;

import io.steward.vaultproxy.vault.SecretValue;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;

/// Tokens nobody asks a replacement for again just yet, so that an endpoint that refuses is not
/// asked for every call. Forgets the oldest first. Any thread.
final class Pauses {
  /// Credentials that are remembered.
  static final int CREDENTIALS_MAX = 1_000;

  private final InstantSource clock;
  private final Map<String, Pause> pauses = new LinkedHashMap<>();

  private record Pause(SecretValue token, Instant until) {}

  Pauses(InstantSource clock) {
    this.clock = clock;
  }

  synchronized void add(String credentialId, SecretValue token, Duration time) {
    pauses.remove(credentialId);
    pauses.put(credentialId, new Pause(token, clock.instant().plus(time)));
    if (pauses.size() > CREDENTIALS_MAX) {
      pauses.remove(pauses.keySet().iterator().next());
    }
  }

  /// Another token of the same credential has no pause.
  synchronized boolean holds(String credentialId, SecretValue token) {
    Pause pause = pauses.get(credentialId);
    return pause != null && pause.token().equals(token) && clock.instant().isBefore(pause.until());
  }
}
