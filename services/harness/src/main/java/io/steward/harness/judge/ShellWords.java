package io.steward.harness.judge;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Reads a shell command that is one program with words: no expansion, redirection, pipe, list or
/// substitution, so that the program gets exactly these words.
final class ShellWords {
  private static final int WORDS_MAX = 200;

  /// Characters that mean nothing to a shell, anywhere in a word.
  private static final String LITERAL = "_@%+=:,./-";

  /// What the shell would read inside double quotes.
  private static final String SPECIAL_IN_QUOTES = "$`\\!";

  private ShellWords() {}

  /// The words without their quotes; empty for any other command, and for none at all.
  static Optional<List<String>> of(String command) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    boolean inWord = false;
    char quote = 0;
    for (char c : trimmed(command).toCharArray()) {
      if (quote != 0) {
        if (c == quote) {
          quote = 0;
        } else if (Character.isISOControl(c)
            || (quote == '"' && SPECIAL_IN_QUOTES.indexOf(c) >= 0)) {
          return Optional.empty();
        } else {
          word.append(c);
        }
      } else if (c == '\'' || c == '"') {
        quote = c;
        inWord = true;
      } else if (c == ' ' || c == '\t') {
        if (inWord) {
          words.add(word.toString());
          word.setLength(0);
          inWord = false;
        }
      } else if (isLiteral(c)) {
        word.append(c);
        inWord = true;
      } else {
        return Optional.empty();
      }
    }
    if (inWord) {
      words.add(word.toString());
    }
    return quote == 0 && !words.isEmpty() && words.size() <= WORDS_MAX
        ? Optional.of(words)
        : Optional.empty();
  }

  /// Without the blanks around it; other white space is part of a word to a shell.
  private static String trimmed(String command) {
    int from = 0;
    int to = command.length();
    while (from < to && isBlank(command.charAt(from))) {
      from++;
    }
    while (from < to && isBlank(command.charAt(to - 1))) {
      to--;
    }
    return command.substring(from, to);
  }

  private static boolean isBlank(char c) {
    return c == ' ' || c == '\t' || c == '\n';
  }

  private static boolean isLiteral(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || LITERAL.indexOf(c) >= 0;
  }
}
