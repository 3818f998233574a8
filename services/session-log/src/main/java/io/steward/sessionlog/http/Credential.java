package io.steward.sessionlog.http;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/// A secret that a worker sends. Only its hash is kept anywhere, and it is never printed.
public record Credential(Kind kind, String text) {
  private static final int RANDOM_BYTES = 32;
  private static final Pattern RANDOM_PART = Pattern.compile("[A-Za-z0-9_-]{16,200}");
  private static final SecureRandom RANDOM = new SecureRandom();

  /// What a secret opens, told by how it begins.
  public enum Kind {
    /// The queue of one environment, and the sessions there.
    ENVIRONMENT_KEY("sk-ant-env01-"),
    /// One work item, and its session.
    SESSIONS_TOKEN("sk-ant-req-");

    private final String prefix;

    Kind(String prefix) {
      this.prefix = prefix;
    }
  }

  /// A new token for a work item.
  public static Credential freshToken() {
    byte[] random = new byte[RANDOM_BYTES];
    RANDOM.nextBytes(random);
    return new Credential(
        Kind.SESSIONS_TOKEN,
        Kind.SESSIONS_TOKEN.prefix
            + Base64.getUrlEncoder().withoutPadding().encodeToString(random));
  }

  /// The credential in a header, or empty when it has the form of none.
  static Optional<Credential> parse(String text) {
    for (Kind kind : Kind.values()) {
      if (text.startsWith(kind.prefix)
          && RANDOM_PART.matcher(text.substring(kind.prefix.length())).matches()) {
        return Optional.of(new Credential(kind, text));
      }
    }
    return Optional.empty();
  }

  /// The SHA-256 of its UTF-8, as 64 lower-case hex digits.
  public String sha256() {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public String toString() {
    return "***";
  }
}
