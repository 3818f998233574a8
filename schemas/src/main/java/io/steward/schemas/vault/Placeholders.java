package io.steward.schemas.vault;

import io.steward.schemas.id.SessionId;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// What a sandbox holds instead of a secret: `steward_placeholder_` and 26 characters of base32 in
/// lower case. All have one length, need no quoting in a shell, a header, JSON, a URL or a form,
/// and none is part of another.
///
/// They are computed, from the salt of the vault, the session and the name of the variable: so the
/// sandbox service and the egress proxy agree without asking each other, a placeholder in a file
/// still works in the session's next sandbox, and who does not know the salt cannot make one up.
public final class Placeholders {
  /// How long every one is.
  public static final int CHARS = 46;

  private static final String PREFIX = "steward_placeholder_";
  private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
  private static final int DIGITS = CHARS - PREFIX.length();
  private static final int BITS_PER_DIGIT = 5;
  private static final Pattern FORM = Pattern.compile(PREFIX + "[a-z2-7]{" + DIGITS + "}");

  private Placeholders() {}

  /// The placeholder of a variable in the sandboxes of a session.
  ///
  /// @param salt of the vault that holds the credential
  /// @param name of the variable
  public static String of(String salt, SessionId session, String name) {
    byte[] hash = hmac(salt, session.value() + "\n" + name);
    StringBuilder text = new StringBuilder(PREFIX);
    long bits = 0;
    int held = 0;
    int next = 0;
    for (int i = 0; i < DIGITS; i++) {
      if (held < BITS_PER_DIGIT) {
        bits = bits << Byte.SIZE | Byte.toUnsignedInt(hash[next++]);
        held += Byte.SIZE;
      }
      held -= BITS_PER_DIGIT;
      text.append(ALPHABET.charAt((int) (bits >> held) & (1 << BITS_PER_DIGIT) - 1));
    }
    return text.toString();
  }

  /// Whether `text` looks like one.
  public static boolean matches(String text) {
    return FORM.matcher(text).matches();
  }

  private static byte[] hmac(String salt, String message) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(salt.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      return mac.doFinal(message.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
