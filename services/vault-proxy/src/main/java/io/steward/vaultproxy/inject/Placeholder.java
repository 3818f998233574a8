package io.steward.vaultproxy.inject;

import java.nio.charset.StandardCharsets;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/// What a sandbox holds instead of a secret: `steward_placeholder_` and 26 characters of base32 in
/// lower case, 130 random bits. Every one has 46 characters, whatever it stands for, and needs no
/// quoting in a shell, a header, JSON, a URL or a form. None is part of another.
public record Placeholder(String text) {
  public static final int CHARS = 46;

  private static final String PREFIX = "steward_placeholder_";
  private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
  private static final int RANDOM_CHARS = 26;
  private static final Pattern FORM = Pattern.compile(PREFIX + "[a-z2-7]{" + RANDOM_CHARS + "}");

  public Placeholder {
    if (!FORM.matcher(text).matches()) {
      throw new IllegalArgumentException("not a placeholder: " + text);
    }
  }

  /// A fresh one.
  ///
  /// @param random nobody can guess: a placeholder of another session must not be found by trying
  public static Placeholder random(RandomGenerator random) {
    StringBuilder text = new StringBuilder(PREFIX);
    for (int i = 0; i < RANDOM_CHARS; i++) {
      text.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
    }
    return new Placeholder(text.toString());
  }

  byte[] bytes() {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
