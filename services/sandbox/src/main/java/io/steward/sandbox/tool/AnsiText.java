package io.steward.sandbox.tool;

import java.util.regex.Pattern;

/// Terminal output as plain text.
final class AnsiText {
  private static final Pattern SEQUENCE =
      Pattern.compile("\\e\\[[0-9;?]*[ -/]*[@-~]|\\e\\][^\\x07\\e]{0,4096}(?:\\x07|\\e\\\\)");

  private AnsiText() {}

  /// Without escape sequences and without newlines at the end.
  static String strip(String text) {
    String plain = text.indexOf('\u001b') < 0 ? text : SEQUENCE.matcher(text).replaceAll("");
    int end = plain.length();
    while (end > 0 && plain.charAt(end - 1) == '\n') {
      end--;
    }
    return plain.substring(0, end);
  }
}
