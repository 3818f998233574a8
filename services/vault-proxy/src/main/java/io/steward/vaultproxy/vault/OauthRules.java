package io.steward.vaultproxy.vault;

import io.steward.vaultproxy.vault.AuthRules.AuthChange;
import io.steward.vaultproxy.vault.CredentialAuth.McpOauth;
import io.steward.vaultproxy.vault.CredentialAuth.Refresh;
import io.steward.vaultproxy.vault.CredentialAuth.TokenEndpointAuth;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The rules of `auth` of the type `mcp_oauth`. Source: contract/platform.md §3.2.
final class OauthRules {
  private static final int TEXT_CHARS_MAX = 2048;
  private static final List<String> WITH_SECRET =
      List.of(TokenEndpointAuth.BASIC, TokenEndpointAuth.POST);
  private static final List<String> TYPES =
      List.of(TokenEndpointAuth.NONE, TokenEndpointAuth.BASIC, TokenEndpointAuth.POST);

  private OauthRules() {}

  static AuthChange create(Field auth, Instant now) {
    Map<SecretField, SecretValue> secrets = new EnumMap<>(SecretField.class);
    String url = ServerUrl.read(auth.field("mcp_server_url"));
    secrets.put(SecretField.ACCESS_TOKEN, auth.field("access_token").token());
    Field expiry = auth.field("expires_at");
    Field refresh = auth.field("refresh");
    return new AuthChange(
        new McpOauth(
            url,
            expiry.absent() ? null : expiry.future(now),
            refresh.absent() ? null : newRefresh(refresh, secrets)),
        secrets);
  }

  private static Refresh newRefresh(Field refresh, Map<SecretField, SecretValue> secrets) {
    refresh.requireObject();
    String clientId = refresh.field("client_id").text(1, TEXT_CHARS_MAX);
    String endpoint = ServerUrl.read(refresh.field("token_endpoint"));
    secrets.put(SecretField.REFRESH_TOKEN, refresh.field("refresh_token").secret());
    Field auth = refresh.field("token_endpoint_auth");
    auth.requireObject();
    TokenEndpointAuth endpointAuth = new TokenEndpointAuth(auth.field("type").choice(TYPES));
    if (endpointAuth.hasSecret()) {
      secrets.put(SecretField.CLIENT_SECRET, auth.field("client_secret").secret());
    }
    return new Refresh(
        clientId,
        endpoint,
        scope(refresh.field("scope")),
        refresh.field("resource").optionalText(1, TEXT_CHARS_MAX),
        endpointAuth);
  }

  /// No scope and an empty one are the same.
  private static @Nullable String scope(Field scope) {
    String text = scope.optionalText(0, TEXT_CHARS_MAX);
    return text == null || text.isEmpty() ? null : text;
  }

  static AuthChange update(McpOauth current, Field patch, Instant now) {
    Map<SecretField, SecretValue> secrets = new EnumMap<>(SecretField.class);
    patch.field("mcp_server_url").requireUnchanged();
    Field token = patch.field("access_token");
    if (!token.absent()) {
      secrets.put(SecretField.ACCESS_TOKEN, token.token());
    }
    Field expiry = patch.field("expires_at");
    Field refresh = patch.field("refresh");
    return new AuthChange(
        new McpOauth(
            current.mcpServerUrl(),
            expiry.absent() ? current.expiresAt() : expiry.future(now),
            refresh.absent() ? current.refresh() : patched(current.refresh(), refresh, secrets)),
        secrets);
  }

  private static Refresh patched(
      @Nullable Refresh current, Field patch, Map<SecretField, SecretValue> secrets) {
    patch.requireObject();
    if (current == null) {
      throw patch.refused(
          "this credential was created without it: archive it and create another one");
    }
    for (String settled : List.of("client_id", "token_endpoint", "resource")) {
      patch.field(settled).requireUnchanged();
    }
    Field token = patch.field("refresh_token");
    if (!token.absent()) {
      secrets.put(SecretField.REFRESH_TOKEN, token.secret());
    }
    patchClientSecret(current.tokenEndpointAuth(), patch.field("token_endpoint_auth"), secrets);
    Field scope = patch.field("scope");
    return new Refresh(
        current.clientId(),
        current.tokenEndpoint(),
        scope.absent() ? current.scope() : scope(scope),
        current.resource(),
        current.tokenEndpointAuth());
  }

  /// The stored type stays, also when the patch names the other one with a secret.
  private static void patchClientSecret(
      TokenEndpointAuth current, Field patch, Map<SecretField, SecretValue> secrets) {
    if (patch.absent()) {
      return;
    }
    patch.requireObject();
    Field type = patch.field("type");
    type.choice(WITH_SECRET);
    if (!current.hasSecret()) {
      throw type.refused("this credential was created with \"none\", which has no client secret");
    }
    Field secret = patch.field("client_secret");
    if (!secret.absent()) {
      secrets.put(SecretField.CLIENT_SECRET, secret.secret());
    }
  }
}
