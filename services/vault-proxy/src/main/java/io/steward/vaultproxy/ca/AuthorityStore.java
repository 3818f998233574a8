package io.steward.vaultproxy.ca;

import java.time.Instant;

/// Keeps the authority of the installation, one for all instances of the service.
public interface AuthorityStore {
  /// An authority as it is kept.
  ///
  /// @param id its ciphertext is bound to
  /// @param certificate in DER
  /// @param encryptedKey the private key (PKCS #8), encrypted
  record KeptAuthority(String id, byte[] certificate, byte[] encryptedKey, Instant createdAt) {}

  /// Keeps `fresh` when there is none yet, and returns the one that is kept. All callers are given
  /// the same one, whoever came first.
  ///
  /// @throws io.steward.schemas.kafka.DependencyAwayException when the store does not answer
  KeptAuthority keep(KeptAuthority fresh);
}
