package io.steward.vaultproxy.vault;

import java.util.Map;

/// What a request makes of a credential.
///
/// @param credential as it is from now on
/// @param secrets those that are new; the others stay
public record CredentialChange(Credential credential, Map<SecretField, SecretValue> secrets) {
  public CredentialChange {
    secrets = Map.copyOf(secrets);
  }
}
