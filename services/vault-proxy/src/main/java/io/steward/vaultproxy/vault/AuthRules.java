package io.steward.vaultproxy.vault;

import io.steward.vaultproxy.vault.CredentialAuth.AwsSigv4;
import io.steward.vaultproxy.vault.CredentialAuth.EnvironmentVariable;
import io.steward.vaultproxy.vault.CredentialAuth.Hmac;
import io.steward.vaultproxy.vault.CredentialAuth.InjectionLocation;
import io.steward.vaultproxy.vault.CredentialAuth.McpOauth;
import io.steward.vaultproxy.vault.CredentialAuth.Networking;
import io.steward.vaultproxy.vault.CredentialAuth.StaticBearer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// The rules of `auth`. Source: contract/platform.md §3.1–3.3, ADR 22.
final class AuthRules {
  private static final List<String> TYPES =
      List.of(
          CredentialAuth.STATIC_BEARER,
          CredentialAuth.MCP_OAUTH,
          CredentialAuth.ENVIRONMENT_VARIABLE,
          CredentialAuth.AWS_SIGV4,
          CredentialAuth.HMAC);
  private static final int VARIABLE_CHARS_MAX = 255;
  private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  private AuthRules() {}

  /// What a request makes of the `auth` of a credential.
  ///
  /// @param secrets those that are new; the others stay
  record AuthChange(CredentialAuth auth, Map<SecretField, SecretValue> secrets) {}

  /// The `auth` of a new credential.
  static AuthChange create(Field auth, Instant now) {
    auth.requireObject();
    return switch (auth.field("type").choice(TYPES)) {
      case CredentialAuth.STATIC_BEARER -> newBearer(auth);
      case CredentialAuth.MCP_OAUTH -> OauthRules.create(auth, now);
      case CredentialAuth.AWS_SIGV4 -> AwsRules.create(auth);
      case CredentialAuth.HMAC -> HmacRules.create(auth);
      default -> newVariable(auth);
    };
  }

  /// The `auth` of a credential after a patch.
  static AuthChange update(CredentialAuth current, Field patch, Instant now) {
    patch.requireObject();
    Field type = patch.field("type");
    if (!type.choice(TYPES).equals(current.wireType())) {
      throw type.refused(
          "this credential is \""
              + current.wireType()
              + "\" for good: archive it and create another one");
    }
    return switch (current) {
      case StaticBearer bearer -> patched(bearer, patch);
      case McpOauth oauth -> OauthRules.update(oauth, patch, now);
      case EnvironmentVariable variable -> patched(variable, patch);
      case AwsSigv4 aws -> AwsRules.update(aws, patch);
      case Hmac hmac -> HmacRules.update(hmac, patch);
    };
  }

  private static AuthChange newBearer(Field auth) {
    String url = ServerUrl.read(auth.field("mcp_server_url"));
    return new AuthChange(
        new StaticBearer(url), Map.of(SecretField.TOKEN, auth.field("token").token()));
  }

  private static AuthChange patched(StaticBearer bearer, Field patch) {
    patch.field("mcp_server_url").requireUnchanged();
    Field token = patch.field("token");
    return new AuthChange(
        bearer, token.absent() ? Map.of() : Map.of(SecretField.TOKEN, token.token()));
  }

  private static AuthChange newVariable(Field auth) {
    String secretName = variable(auth.field("secret_name"));
    SecretValue value = auth.field("secret_value").secret();
    Networking networking = HostRules.read(auth.field("networking"));
    Field location = auth.field("injection_location");
    InjectionLocation base =
        new InjectionLocation(location.node() == null, location.node() == null);
    return new AuthChange(
        new EnvironmentVariable(secretName, networking, location(location, base)),
        Map.of(SecretField.SECRET_VALUE, value));
  }

  /// The name of an environment variable.
  static String variable(Field name) {
    String text = name.text(1, VARIABLE_CHARS_MAX);
    if (!VARIABLE.matcher(text).matches()) {
      throw name.refused("must have letters, digits and _ only, and not begin with a digit");
    }
    return text;
  }

  private static AuthChange patched(EnvironmentVariable variable, Field patch) {
    patch.field("secret_name").requireUnchanged();
    Field value = patch.field("secret_value");
    Field networking = patch.field("networking");
    return new AuthChange(
        new EnvironmentVariable(
            variable.secretName(),
            networking.absent() ? variable.networking() : HostRules.read(networking),
            location(patch.field("injection_location"), variable.injectionLocation())),
        value.absent() ? Map.of() : Map.of(SecretField.SECRET_VALUE, value.secret()));
  }

  /// `base` with the members that were sent. Null is no member: it is refused.
  private static InjectionLocation location(Field location, InjectionLocation base) {
    if (location.node() == null) {
      return base;
    }
    InjectionLocation merged =
        new InjectionLocation(
            location.field("header").flag(base.header()), location.field("body").flag(base.body()));
    if (!merged.header() && !merged.body()) {
      throw location.refused("`header` and `body` must not both be false");
    }
    return merged;
  }
}
