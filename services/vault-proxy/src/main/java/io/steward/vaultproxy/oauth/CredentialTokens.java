package io.steward.vaultproxy.oauth;

import io.steward.vaultproxy.oauth.Refreshed.Failed;
import io.steward.vaultproxy.oauth.Refreshed.Fresh;
import io.steward.vaultproxy.oauth.Refreshed.Gone;
import io.steward.vaultproxy.store.PostgresTokens;
import io.steward.vaultproxy.vault.AccessToken;
import io.steward.vaultproxy.vault.AccessTokens;
import io.steward.vaultproxy.vault.CredentialAuth.AwsSigv4;
import io.steward.vaultproxy.vault.CredentialAuth.EnvironmentVariable;
import io.steward.vaultproxy.vault.CredentialAuth.Hmac;
import io.steward.vaultproxy.vault.CredentialAuth.McpOauth;
import io.steward.vaultproxy.vault.CredentialAuth.StaticBearer;
import io.steward.vaultproxy.vault.OpenCredential;
import io.steward.vaultproxy.vault.Purpose;
import io.steward.vaultproxy.vault.SecretField;
import io.steward.vaultproxy.vault.SecretValue;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/// Tokens from the credentials of vaults, read anew each time: what is rotated, archived or deleted
/// counts from the next call on. Waits for a refresh up to [Refreshes#WAIT_MAX].
///
/// A token whose refresh fails is given out as it is: whether it is still good, the server decides.
public final class CredentialTokens implements AccessTokens {
  /// How long before its end a token is replaced.
  static final Duration EXPIRY_MARGIN = Duration.ofSeconds(60);

  /// Searches, while credentials are found and archived before their refresh ends.
  static final int SEARCHES_MAX = 3;

  private final PostgresTokens tokens;
  private final Refreshes refreshes;
  private final InstantSource clock;

  public CredentialTokens(PostgresTokens tokens, Refreshes refreshes, InstantSource clock) {
    this.tokens = tokens;
    this.refreshes = refreshes;
    this.clock = clock;
  }

  @Override
  public Optional<AccessToken> find(List<String> vaultIds, String serverUrl) {
    Optional<Purpose> server = Purpose.ofMcpServer(serverUrl);
    if (server.isEmpty() || vaultIds.isEmpty()) {
      return Optional.empty();
    }
    for (int searches = 0; searches < SEARCHES_MAX; searches++) {
      Optional<OpenCredential> found = tokens.forPurpose(vaultIds, server.get());
      if (found.isEmpty()) {
        return Optional.empty();
      }
      Optional<AccessToken> token = current(found.get());
      if (token.isPresent()) {
        return token;
      }
    }
    return Optional.empty();
  }

  /// Empty when the credential is gone by now.
  private Optional<AccessToken> current(OpenCredential credential) {
    Optional<AccessToken> token = token(credential);
    if (token.isEmpty() || !token.get().refreshable() || !endsSoon(credential)) {
      return token;
    }
    return switch (refreshes.refreshed(token.get())) {
      case Fresh(var fresh, _) -> token(fresh);
      case Failed _ -> stored(token.get());
      case Gone _ -> Optional.empty();
    };
  }

  private boolean endsSoon(OpenCredential credential) {
    Instant end =
        credential.credential().auth() instanceof McpOauth oauth ? oauth.expiresAt() : null;
    return end != null && !clock.instant().isBefore(end.minus(EXPIRY_MARGIN));
  }

  @Override
  public Optional<AccessToken> afterRefusal(AccessToken refused) {
    Optional<AccessToken> stored = stored(refused);
    if (stored.isEmpty() || !stored.get().token().equals(refused.token())) {
      return stored;
    }
    if (!stored.get().refreshable()) {
      return Optional.empty();
    }
    return switch (refreshes.refreshed(stored.get())) {
      case Fresh(var fresh, _) ->
          token(fresh).filter(other -> !other.token().equals(refused.token()));
      case Failed _, Gone _ -> Optional.empty();
    };
  }

  private Optional<AccessToken> stored(AccessToken token) {
    return tokens.find(token.vaultId(), token.credentialId()).flatMap(CredentialTokens::token);
  }

  /// Empty for a credential that is not for an MCP server.
  static Optional<AccessToken> token(OpenCredential credential) {
    Optional<SecretValue> secret =
        switch (credential.credential().auth()) {
          case StaticBearer _ -> credential.secret(SecretField.TOKEN);
          case McpOauth _ -> credential.secret(SecretField.ACCESS_TOKEN);
          case EnvironmentVariable _, AwsSigv4 _, Hmac _ -> Optional.empty();
        };
    return secret.map(token ->
        new AccessToken(
            credential.credential().vaultId(),
            credential.credential().id(),
            token,
            credential.refresh().isPresent()));
  }
}
