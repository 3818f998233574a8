package io.steward.schemas.http;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/// The key that clients send, as `x-api-key` or as `Authorization: Bearer`. It is compared in
/// constant time and never printed.
public final class ApiKey {
  private static final String BEARER = "bearer ";

  private final byte[] key;

  public ApiKey(String key) {
    this.key = key.getBytes(StandardCharsets.UTF_8);
  }

  /// Whether one of the two headers carries the key.
  public boolean admits(@Nullable String apiKeyHeader, @Nullable String authorizationHeader) {
    return matches(apiKeyHeader) || matches(bearer(authorizationHeader));
  }

  /// What an `Authorization` header bears, or null when it is of another kind.
  public static @Nullable String bearer(@Nullable String authorization) {
    if (authorization == null
        || !authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
      return null;
    }
    return authorization.substring(BEARER.length()).strip();
  }

  private boolean matches(@Nullable String candidate) {
    return candidate != null
        && MessageDigest.isEqual(key, candidate.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public String toString() {
    return "***";
  }
}
