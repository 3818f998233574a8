package io.steward.vaultproxy.vault;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a credential is for and how it is used, without its secrets. Source: contract/platform.md
/// §3.1–3.3, and ADR 22 for the types that begin with `x_`.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(
      value = CredentialAuth.StaticBearer.class,
      name = CredentialAuth.STATIC_BEARER),
  @JsonSubTypes.Type(value = CredentialAuth.McpOauth.class, name = CredentialAuth.MCP_OAUTH),
  @JsonSubTypes.Type(
      value = CredentialAuth.EnvironmentVariable.class,
      name = CredentialAuth.ENVIRONMENT_VARIABLE),
  @JsonSubTypes.Type(value = CredentialAuth.AwsSigv4.class, name = CredentialAuth.AWS_SIGV4),
  @JsonSubTypes.Type(value = CredentialAuth.Hmac.class, name = CredentialAuth.HMAC)
})
public sealed interface CredentialAuth {
  String STATIC_BEARER = "static_bearer";
  String MCP_OAUTH = "mcp_oauth";
  String ENVIRONMENT_VARIABLE = "environment_variable";
  String AWS_SIGV4 = "x_aws_sigv4";
  String HMAC = "x_hmac";

  /// The `type` on the wire.
  default String wireType() {
    return switch (this) {
      case StaticBearer _ -> STATIC_BEARER;
      case McpOauth _ -> MCP_OAUTH;
      case EnvironmentVariable _ -> ENVIRONMENT_VARIABLE;
      case AwsSigv4 _ -> AWS_SIGV4;
      case Hmac _ -> HMAC;
    };
  }

  /// What it is for, first what it is known by; only one active credential of a vault may have any
  /// of them.
  default List<Purpose> purposes() {
    return switch (this) {
      case StaticBearer bearer -> List.of(Purpose.mcpServer(bearer.mcpServerUrl()));
      case McpOauth oauth -> List.of(Purpose.mcpServer(oauth.mcpServerUrl()));
      case EnvironmentVariable variable ->
          List.of(Purpose.variable(variable.secretName(), "secret_name"));
      case AwsSigv4 aws -> aws.names();
      case Hmac hmac -> List.of(Purpose.variable(hmac.secretName(), "secret_name"));
    };
  }

  default Purpose purpose() {
    return purposes().getFirst();
  }

  /// The variables in which sandboxes find placeholders; none for an MCP server.
  default List<String> variables() {
    return switch (this) {
      case StaticBearer _, McpOauth _ -> List.of();
      case EnvironmentVariable _, AwsSigv4 _, Hmac _ ->
          purposes().stream().map(Purpose::value).toList();
    };
  }

  /// Whether sandboxes have a variable of it, so that others have to know its name.
  default boolean inSandboxes() {
    return !variables().isEmpty();
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

  /// A key of AWS, with which the egress proxy signs what a sandbox signed with placeholders.
  ///
  /// @param accessKeyIdName variable for the access key id
  /// @param secretAccessKeyName variable for the secret access key
  /// @param sessionTokenName variable for the session token, or null when there is none
  /// @param regions it signs for; empty for all
  /// @param services it signs for, as they stand in a signature; empty for all
  record AwsSigv4(
      String accessKeyId,
      String accessKeyIdName,
      String secretAccessKeyName,
      @Nullable String sessionTokenName,
      Networking networking,
      List<String> regions,
      List<String> services)
      implements CredentialAuth {
    public AwsSigv4 {
      regions = List.copyOf(regions);
      services = List.copyOf(services);
    }

    private List<Purpose> names() {
      List<Purpose> names = new ArrayList<>();
      names.add(Purpose.variable(secretAccessKeyName, "secret_access_key_name"));
      names.add(Purpose.variable(accessKeyIdName, "access_key_id_name"));
      if (sessionTokenName != null) {
        names.add(Purpose.variable(sessionTokenName, "session_token_name"));
      }
      return List.copyOf(names);
    }
  }

  /// The key of a message authentication code. The egress proxy puts the code where the sandbox put
  /// the placeholder of the key.
  ///
  /// @param header where the code goes
  /// @param algorithm `sha1`, `sha256` or `sha512`
  /// @param encoding of the code, `hex` or `base64`
  /// @param prefix of the code in its header, such as `sha256=`; perhaps empty
  /// @param signedHeaders whose values are signed before the body
  /// @param separator after each of these values
  record Hmac(
      String secretName,
      Networking networking,
      String header,
      String algorithm,
      String encoding,
      String prefix,
      List<String> signedHeaders,
      String separator)
      implements CredentialAuth {
    public Hmac {
      signedHeaders = List.copyOf(signedHeaders);
    }
  }

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
