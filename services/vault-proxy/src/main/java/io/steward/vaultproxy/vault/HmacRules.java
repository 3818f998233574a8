package io.steward.vaultproxy.vault;

import io.steward.vaultproxy.vault.AuthRules.AuthChange;
import io.steward.vaultproxy.vault.CredentialAuth.Hmac;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/// The rules of `auth` of the type `x_hmac`. Source: ADR 22.
final class HmacRules {
  private static final int HEADER_CHARS_MAX = 64;
  private static final int SIGNED_MAX = 4;
  private static final int PREFIX_CHARS_MAX = 32;
  private static final int SEPARATOR_CHARS_MAX = 4;
  private static final String SEPARATOR = ".";
  private static final List<String> ALGORITHMS = List.of("sha256", "sha512", "sha1");
  private static final List<String> ENCODINGS = List.of("hex", "base64");
  private static final Pattern HEADER = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]*");
  private static final Pattern VISIBLE = Pattern.compile("[!-~]*");

  /// They frame a request or lead it, and proxies write them anew.
  private static final Set<String> RESERVED =
      Set.of(
          "accept-encoding",
          "connection",
          "content-length",
          "expect",
          "host",
          "http2-settings",
          "keep-alive",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade");

  private HmacRules() {}

  static AuthChange create(Field auth) {
    String name = AuthRules.variable(auth.field("secret_name"));
    SecretValue key = auth.field("secret_value").secret();
    Field encoding = auth.field("encoding");
    Field prefix = auth.field("prefix");
    Field signed = auth.field("signed_headers");
    Field separator = auth.field("separator");
    return new AuthChange(
        new Hmac(
            name,
            HostRules.read(auth.field("networking")),
            header(auth.field("header")),
            auth.field("algorithm").choice(ALGORITHMS),
            encoding.absent() ? ENCODINGS.getFirst() : encoding.choice(ENCODINGS),
            prefix.absent() ? "" : visible(prefix, PREFIX_CHARS_MAX),
            signed.absent() ? List.of() : headers(signed),
            separator.absent() ? SEPARATOR : visible(separator, SEPARATOR_CHARS_MAX)),
        Map.of(SecretField.SECRET_VALUE, key));
  }

  static AuthChange update(Hmac current, Field patch) {
    patch.field("secret_name").requireUnchanged();
    Field key = patch.field("secret_value");
    Field networking = patch.field("networking");
    Field header = patch.field("header");
    Field algorithm = patch.field("algorithm");
    Field encoding = patch.field("encoding");
    Field prefix = patch.field("prefix");
    Field signed = patch.field("signed_headers");
    Field separator = patch.field("separator");
    return new AuthChange(
        new Hmac(
            current.secretName(),
            networking.absent() ? current.networking() : HostRules.read(networking),
            header.absent() ? current.header() : header(header),
            algorithm.absent() ? current.algorithm() : algorithm.choice(ALGORITHMS),
            encoding.absent() ? current.encoding() : encoding.choice(ENCODINGS),
            prefix.absent() ? current.prefix() : visible(prefix, PREFIX_CHARS_MAX),
            signed.absent() ? current.signedHeaders() : headers(signed),
            separator.absent() ? current.separator() : visible(separator, SEPARATOR_CHARS_MAX)),
        key.absent() ? Map.of() : Map.of(SecretField.SECRET_VALUE, key.secret()));
  }

  private static List<String> headers(Field field) {
    return field.elements(SIGNED_MAX).stream().map(HmacRules::header).toList();
  }

  private static String header(Field field) {
    String header = field.text(1, HEADER_CHARS_MAX);
    if (!HEADER.matcher(header).matches()) {
      throw field.refused("must be the name of a header, such as X-Signature");
    }
    String lower = header.toLowerCase(Locale.ROOT);
    if (RESERVED.contains(lower) || lower.startsWith("proxy-")) {
      throw field.refused("must be a header that proxies leave as it is");
    }
    return header;
  }

  private static String visible(Field field, int charsMax) {
    String text = field.text(0, charsMax);
    if (!VISIBLE.matcher(text).matches()) {
      throw field.refused("must have visible ASCII characters only");
    }
    return text;
  }
}
