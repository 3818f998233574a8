package io.steward.agentconfig.environments;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;

/// What a worker sends as its bearer. It goes into one response; what is kept of it is its hash,
/// which needs no salt: nobody can try 256 random bits.
///
/// @param value `sk-ant-env01-` and 43 characters of base64url
record KeyText(String value) {
  private static final String PREFIX = "sk-ant-env01-";
  private static final int RANDOM_BYTES = 32;
  private static final SecureRandom RANDOM = new SecureRandom();

  static KeyText random() {
    byte[] bytes = new byte[RANDOM_BYTES];
    RANDOM.nextBytes(bytes);
    return new KeyText(PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
  }

  /// 64 lower-case hex digits.
  String sha256() {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(value.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public String toString() {
    return "***";
  }
}
