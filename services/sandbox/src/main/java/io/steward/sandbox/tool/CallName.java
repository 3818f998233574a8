package io.steward.sandbox.tool;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/// What a call is named inside a sandbox: its tool-use id, where that is a harmless word.
final class CallName {
  private static final Pattern HARMLESS = Pattern.compile("[A-Za-z0-9_-]{1,64}");

  private CallName() {}

  static String of(String toolUseId) {
    if (HARMLESS.matcher(toolUseId).matches()) {
      return toolUseId;
    }
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(toolUseId.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
