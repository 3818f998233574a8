package io.steward.vaultproxy.vault;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a credential is for and how it is used, without its secrets. Source: contract/platform.md
/// §3.1–3.3.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(
      value = CredentialAuth.StaticBearer.class,
      name = CredentialAuth.STATIC_BEARER),
  @JsonSubTypes.Type(value = CredentialAuth.McpOauth.class, name = CredentialAuth.MCP_OAUTH),
  @JsonSubTypes.Type(
      value = CredentialAuth.EnvironmentVariable.class,
      name = CredentialAuth.ENVIRONMENT_VARIABLE)
})
public sealed interface CredentialAuth {
  String STATIC_BEARER = "static_bearer";
  String MCP_OAUTH = "mcp_oauth";
  String ENVIRONMENT_VARIABLE = "environment_variable";

  /// The `type` on the wire.
  default String wireType() {
    return switch (this) {
      case StaticBearer _ -> STATIC_BEARER;
      case McpOauth _ -> MCP_OAUTH;
      case EnvironmentVariable _ -> ENVIRONMENT_VARIABLE;
    };
  }

  /// What it is for; only one active credential of a vault may have the same.
  default Purpose purpose() {
    return switch (this) {
      case StaticBearer bearer -> Purpose.mcpServer(bearer.mcpServerUrl());
      case McpOauth oauth -> Purpose.mcpServer(oauth.mcpServerUrl());
      case EnvironmentVariable variable -> Purpose.variable(variable.secretName());
    };
  }

  /// A token that does not change.
  ///
  /// @param mcpServerUrl as it was sent
  record StaticBearer(String mcpServerUrl) implements CredentialAuth {}

  /// An OAuth access token.
  ///
  /// @param mcpServerUrl as it was sent
  /// @param expiresAt when the access token expires, or null when nobody said
  /// @param refresh how a new one is got, or null when that is not possible
  record McpOauth(String mcpServerUrl, @Nullable Instant expiresAt, @Nullable Refresh refresh)
      implements CredentialAuth {}

  /// A secret that commands in a sandbox find as a placeholder in a variable.
  record EnvironmentVariable(
      String secretName, Networking networking, InjectionLocation injectionLocation)
      implements CredentialAuth {}

  /// @param tokenEndpoint where refreshes are posted to
  /// @param scope is sent when refreshing, or null
  /// @param resource OAuth resource indicator, or null
  record Refresh(
      String clientId,
      String tokenEndpoint,
      @Nullable String scope,
      @Nullable String resource,
      TokenEndpointAuth tokenEndpointAuth) {}

  /// How the client proves itself at the token endpoint.
  ///
  /// @param type `none`, `client_secret_basic` or `client_secret_post`
  record TokenEndpointAuth(String type) {
    public static final String NONE = "none";
    public static final String BASIC = "client_secret_basic";
    public static final String POST = "client_secret_post";

    /// Whether there is a client secret.
    boolean hasSecret() {
      return !type.equals(NONE);
    }
  }

  /// The hosts the secret may be sent to.
  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = Unrestricted.class, name = "unrestricted"),
    @JsonSubTypes.Type(value = Limited.class, name = "limited")
  })
  sealed interface Networking {}

  /// All the environment lets out to.
  record Unrestricted() implements Networking {}

  /// @param allowedHosts such as `example.com`, or `*.example.com` for those below it
  record Limited(List<String> allowedHosts) implements Networking {
    public Limited {
      allowedHosts = List.copyOf(allowedHosts);
    }
  }

  /// Where in a request the placeholder is replaced; at least one of them.
  record InjectionLocation(boolean header, boolean body) {}
}
