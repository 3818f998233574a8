package io.steward.schemas.id;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.random.RandomGenerator;

/// Makes identifiers: a prefix, `01`, and base-58 characters. Their form is opaque to clients.
public final class Ids {
  static final String ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

  private static final int RANDOM_CHARS = 22;
  private static final int SIX_BITS = 0x3f;
  private static final int SPARE_BYTES = 10;
  private static final SecureRandom RANDOM = new SecureRandom();

  private Ids() {}

  /// A fresh id such as `agent_01…`: 22 random characters, 128 bits.
  public static String random(String prefix) {
    return prefix + "01" + randomChars(RANDOM, RANDOM_CHARS);
  }

  /// The id that always belongs to `seed`: 22 characters of its SHA-256.
  public static String derived(String prefix, String seed) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(seed.getBytes(StandardCharsets.UTF_8));
      StringBuilder chars = new StringBuilder(RANDOM_CHARS);
      BigInteger rest = new BigInteger(1, hash);
      BigInteger base = BigInteger.valueOf(ALPHABET.length());
      for (int i = 0; i < RANDOM_CHARS; i++) {
        BigInteger[] division = rest.divideAndRemainder(base);
        chars.append(ALPHABET.charAt(division[1].intValue()));
        rest = division[0];
      }
      return prefix + "01" + chars;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /// A secure generator takes as long for one byte as for many, so they are drawn together; of
  /// their 64 values the alphabet uses 58.
  static String randomChars(RandomGenerator random, int count) {
    StringBuilder chars = new StringBuilder(count);
    byte[] bytes = new byte[count + SPARE_BYTES];
    while (true) {
      random.nextBytes(bytes);
      for (byte drawn : bytes) {
        int index = drawn & SIX_BITS;
        if (index < ALPHABET.length()) {
          chars.append(ALPHABET.charAt(index));
          if (chars.length() == count) {
            return chars.toString();
          }
        }
      }
    }
  }
}
