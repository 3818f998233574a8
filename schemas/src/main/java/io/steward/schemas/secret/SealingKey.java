package io.steward.schemas.secret;

import java.time.Instant;

/// The public key vault-proxy wants secrets sealed with: a record of `vaults` under the key
/// [#RECORD_KEY]. The newest one is used.
///
/// @param keyId names the key pair
/// @param publicKeyset Tink's JSON of a public HPKE keyset; holds no secret
public record SealingKey(String keyId, String publicKeyset, Instant createdAt) {
  public static final String TYPE = "vault.sealing_key";
  public static final String RECORD_KEY = "sealing-key";
}
