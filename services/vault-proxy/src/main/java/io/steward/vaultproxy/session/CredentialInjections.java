package io.steward.vaultproxy.session;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.steward.vaultproxy.inject.Injection;
import io.steward.vaultproxy.inject.Injection.Algorithm;
import io.steward.vaultproxy.inject.Injection.Encoding;
import io.steward.vaultproxy.inject.Injection.SessionToken;
import io.steward.vaultproxy.inject.Placeholder;
import io.steward.vaultproxy.policy.HostPattern;
import io.steward.vaultproxy.policy.HostSet;
import io.steward.vaultproxy.vault.Credential;
import io.steward.vaultproxy.vault.CredentialAuth.AwsSigv4;
import io.steward.vaultproxy.vault.CredentialAuth.EnvironmentVariable;
import io.steward.vaultproxy.vault.CredentialAuth.Hmac;
import io.steward.vaultproxy.vault.CredentialAuth.Limited;
import io.steward.vaultproxy.vault.CredentialAuth.McpOauth;
import io.steward.vaultproxy.vault.CredentialAuth.Networking;
import io.steward.vaultproxy.vault.CredentialAuth.StaticBearer;
import io.steward.vaultproxy.vault.CredentialAuth.Unrestricted;
import io.steward.vaultproxy.vault.OpenCredential;
import io.steward.vaultproxy.vault.SecretField;
import io.steward.vaultproxy.vault.SecretValue;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/// What a credential means for requests of a sandbox. Pure.
final class CredentialInjections {
  private CredentialInjections() {}

  /// Empty for a credential of an MCP server, and for one whose secret is not there.
  ///
  /// @param placeholders what the sandbox holds in a variable
  static Optional<Injection> of(OpenCredential open, Function<String, Placeholder> placeholders) {
    Credential credential = open.credential();
    return switch (credential.auth()) {
      case StaticBearer _, McpOauth _ -> Optional.empty();
      case EnvironmentVariable variable ->
          open.secret(SecretField.SECRET_VALUE)
              .map(secret ->
                  new Injection.Replace(
                      placeholders.apply(variable.secretName()),
                      bytes(secret),
                      variable.injectionLocation().header(),
                      variable.injectionLocation().body()))
              .map(form -> injection(credential, variable.networking(), form));
      case AwsSigv4 aws ->
          open.secret(SecretField.SECRET_ACCESS_KEY)
              .map(key -> aws(open, aws, key, placeholders))
              .map(form -> injection(credential, aws.networking(), form));
      case Hmac hmac ->
          open.secret(SecretField.SECRET_VALUE)
              .map(key -> hmac(hmac, key, placeholders))
              .map(form -> injection(credential, hmac.networking(), form));
    };
  }

  private static Injection.Form aws(
      OpenCredential open,
      AwsSigv4 aws,
      SecretValue key,
      Function<String, Placeholder> placeholders) {
    String tokenName = aws.sessionTokenName();
    Optional<SecretValue> token =
        tokenName == null ? Optional.empty() : open.secret(SecretField.SESSION_TOKEN);
    return new Injection.SignAws(
        placeholders.apply(aws.accessKeyIdName()),
        placeholders.apply(aws.secretAccessKeyName()),
        aws.accessKeyId(),
        bytes(key),
        tokenName == null || token.isEmpty()
            ? null
            : new SessionToken(placeholders.apply(tokenName), token.get().text()),
        aws.regions(),
        aws.services());
  }

  private static Injection.Form hmac(
      Hmac hmac, SecretValue key, Function<String, Placeholder> placeholders) {
    return new Injection.SignHmac(
        placeholders.apply(hmac.secretName()),
        bytes(key),
        Algorithm.valueOf(hmac.algorithm().toUpperCase(Locale.ROOT)),
        Encoding.valueOf(hmac.encoding().toUpperCase(Locale.ROOT)),
        hmac.header(),
        hmac.prefix(),
        hmac.signedHeaders(),
        hmac.separator());
  }

  private static Injection injection(
      Credential credential, Networking networking, Injection.Form form) {
    HostSet hosts =
        switch (networking) {
          case Unrestricted _ -> new HostSet.Every();
          case Limited limited ->
              new HostSet.Listed(
                  limited.allowedHosts().stream().flatMap(CredentialInjections::pattern).toList());
        };
    return new Injection(credential.vaultId(), credential.id(), hosts, form);
  }

  /// A pattern no host can match opens nothing.
  private static Stream<HostPattern> pattern(String text) {
    try {
      return Stream.of(HostPattern.parse(text));
    } catch (IllegalArgumentException e) {
      return Stream.empty();
    }
  }

  private static byte[] bytes(SecretValue secret) {
    return secret.text().getBytes(UTF_8);
  }
}
