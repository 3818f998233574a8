package io.steward.e2e.compose;

import java.util.Map;

/// The variables of a compose file: `$$`, `${NAME}`, `${NAME:-otherwise}` and `${NAME:+then}`, one
/// inside of another. An empty variable is an absent one.
record Interpolation(Map<String, String> variables) {
  /// @throws IllegalArgumentException when the text has another form
  String fill(String text) {
    StringBuilder filled = new StringBuilder();
    int at = 0;
    while (at < text.length()) {
      char character = text.charAt(at);
      if (character != '$') {
        filled.append(character);
        at++;
      } else if (text.startsWith("$$", at)) {
        filled.append('$');
        at += 2;
      } else if (text.startsWith("${", at)) {
        int end = end(text, at);
        filled.append(value(text.substring(at + 2, end)));
        at = end + 1;
      } else {
        throw new IllegalArgumentException("a $ without { in \"" + text + "\"");
      }
    }
    return filled.toString();
  }

  /// Where the brace closes that opens at `start`.
  private static int end(String text, int start) {
    int depth = 0;
    for (int at = start + 1; at < text.length(); at++) {
      if (text.charAt(at) == '{') {
        depth++;
      } else if (text.charAt(at) == '}' && --depth == 0) {
        return at;
      }
    }
    throw new IllegalArgumentException("a ${ without } in \"" + text + "\"");
  }

  private String value(String expression) {
    int name = 0;
    while (name < expression.length()
        && (Character.isLetterOrDigit(expression.charAt(name)) || expression.charAt(name) == '_')) {
      name++;
    }
    String value = variables.getOrDefault(expression.substring(0, name), "");
    String rest = expression.substring(name);
    if (rest.isEmpty()) {
      return value;
    }
    if (rest.startsWith(":-")) {
      return value.isEmpty() ? fill(rest.substring(2)) : value;
    }
    if (rest.startsWith(":+")) {
      return value.isEmpty() ? "" : fill(rest.substring(2));
    }
    throw new IllegalArgumentException("an unknown form of variable: ${" + expression + "}");
  }
}
