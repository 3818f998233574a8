package io.steward.vaultproxy.vault;

import io.steward.vaultproxy.vault.CredentialAuth.McpOauth;
import io.steward.vaultproxy.vault.CredentialAuth.Refresh;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// A credential that is not archived, with its secrets in clear.
public record OpenCredential(Credential credential, Map<SecretField, SecretValue> secrets) {
  public OpenCredential {
    secrets = Map.copyOf(secrets);
  }

  public Optional<SecretValue> secret(SecretField field) {
    return Optional.ofNullable(secrets.get(field));
  }

  /// How a new access token is got; empty when that is not possible.
  public Optional<Refresh> refresh() {
    return credential.auth() instanceof McpOauth oauth
        ? Optional.ofNullable(oauth.refresh())
        : Optional.empty();
  }

  /// What becomes of this credential when tokens were granted for the secrets of `used`, as it was
  /// then. A token somebody replaced meanwhile stays: each granted one takes the place only of the
  /// one it follows.
  public CredentialChange refreshed(OpenCredential used, GrantedTokens granted, Instant now) {
    Map<SecretField, SecretValue> fresh = new EnumMap<>(SecretField.class);
    SecretValue next = granted.refreshToken();
    if (next != null && unchanged(SecretField.REFRESH_TOKEN, used)) {
      fresh.put(SecretField.REFRESH_TOKEN, next);
    }
    if (!(credential.auth() instanceof McpOauth oauth)
        || !unchanged(SecretField.ACCESS_TOKEN, used)) {
      return new CredentialChange(credential, fresh);
    }
    fresh.put(SecretField.ACCESS_TOKEN, granted.accessToken());
    McpOauth auth = new McpOauth(oauth.mcpServerUrl(), granted.expiresAt(), oauth.refresh());
    return new CredentialChange(credential.with(auth, now), fresh);
  }

  private boolean unchanged(SecretField field, OpenCredential used) {
    return secret(field).isPresent() && secret(field).equals(used.secret(field));
  }

  /// This credential after a change.
  public OpenCredential changed(CredentialChange change) {
    Map<SecretField, SecretValue> merged = new HashMap<>(secrets);
    merged.putAll(change.secrets());
    return new OpenCredential(change.credential(), merged);
  }
}
