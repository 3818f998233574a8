package io.steward.sandbox.egress;

import io.steward.schemas.secret.BearerSecret;

/// Tells the egress proxy from which sandbox a connection comes. One per sandbox that ever is, of
/// 256 random bits. Others are told its SHA-256 only.
public final class SandboxToken {
  private final String text;

  private SandboxToken(String text) {
    this.text = text;
  }

  /// One that was never there before.
  public static SandboxToken random() {
    return new SandboxToken(BearerSecret.random(""));
  }

  /// The token: 43 characters of base64url.
  public String reveal() {
    return text;
  }

  /// What others know of it: 64 hexadecimal digits in lower case.
  public String sha256() {
    return BearerSecret.sha256(text);
  }

  @Override
  public String toString() {
    return "***";
  }
}
