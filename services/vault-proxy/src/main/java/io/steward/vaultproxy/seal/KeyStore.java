package io.steward.vaultproxy.seal;

import java.time.Instant;

/// Keeps wrapped keysets, one of each purpose, for all instances of the service.
public interface KeyStore {
  /// A keyset, encrypted with the key-encryption key.
  record WrappedKeyset(String purpose, String keyId, byte[] ciphertext, Instant createdAt) {}

  /// Keeps `fresh` when there is none of its purpose yet, and returns the one that is kept. All
  /// callers are given the same one, whoever came first.
  WrappedKeyset keep(WrappedKeyset fresh);
}
