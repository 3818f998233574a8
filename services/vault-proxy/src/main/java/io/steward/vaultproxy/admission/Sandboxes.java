package io.steward.vaultproxy.admission;

import io.steward.vaultproxy.policy.SandboxIdentity;
import java.util.Optional;

/// The sandboxes that may ask. Answers from memory: it is called by event loops.
@FunctionalInterface
public interface Sandboxes {
  /// Whose token has this SHA-256; empty when there is no such sandbox, or not any more.
  Optional<SandboxIdentity> find(byte[] tokenSha256);
}
