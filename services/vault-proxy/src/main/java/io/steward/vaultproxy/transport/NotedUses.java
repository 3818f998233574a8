package io.steward.vaultproxy.transport;

import io.steward.schemas.vault.CredentialUse.Outcome;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The uses of credentials that were noted of one call, of one list of tools or of what a
/// connection does of its own. Several messages with the same credential and outcome are one use.
/// Any thread.
final class NotedUses {
  /// Different ones; more than that are all noted.
  private static final int KNOWN_MAX = 100;

  private final Set<String> known = ConcurrentHashMap.newKeySet();

  /// Whether it is the first one like this.
  boolean isNew(String credentialId, Outcome outcome) {
    return known.size() >= KNOWN_MAX || known.add(credentialId + " " + outcome);
  }
}
