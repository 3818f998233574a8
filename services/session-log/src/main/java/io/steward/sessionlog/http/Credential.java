package io.steward.sessionlog.http;

import io.steward.schemas.agent.EnvironmentKey;
import io.steward.schemas.secret.BearerSecret;
import java.util.Optional;
import java.util.regex.Pattern;

/// A secret that a worker sends. Only its hash is kept anywhere, and it is never printed.
public record Credential(Kind kind, String text) {
  private static final Pattern RANDOM_PART = Pattern.compile("[A-Za-z0-9_-]{16,200}");

  /// What a secret opens, told by how it begins.
  public enum Kind {
    /// The queue of one environment, and the sessions there.
    ENVIRONMENT_KEY(EnvironmentKey.PREFIX),
    /// One work item, and its session.
    SESSIONS_TOKEN("sk-ant-req-");

    private final String prefix;

    Kind(String prefix) {
      this.prefix = prefix;
    }
  }

  /// A new token for a work item.
  public static Credential freshToken() {
    return new Credential(Kind.SESSIONS_TOKEN, BearerSecret.random(Kind.SESSIONS_TOKEN.prefix));
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
    return BearerSecret.sha256(text);
  }

  @Override
  public String toString() {
    return "***";
  }
}
