package io.steward.sandbox.egress;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;

/// Tells the egress proxy from which sandbox a connection comes. One per sandbox that ever is, of
/// 256 random bits. Others are told its SHA-256 only.
public final class SandboxToken {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int BYTES = 32;

  private final String text;

  private SandboxToken(String text) {
    this.text = text;
  }

  /// One that was never there before.
  public static SandboxToken random() {
    byte[] bytes = new byte[BYTES];
    RANDOM.nextBytes(bytes);
    return new SandboxToken(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
  }

  /// The token: 43 characters of base64url.
  public String reveal() {
    return text;
  }

  /// What others know of it: 64 hexadecimal digits in lower case.
  public String sha256() {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256")
                  .digest(text.getBytes(StandardCharsets.US_ASCII)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public String toString() {
    return "***";
  }
}
