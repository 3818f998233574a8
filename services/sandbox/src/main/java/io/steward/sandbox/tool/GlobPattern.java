package io.steward.sandbox.tool;

/// Translates a doublestar glob to a POSIX extended regular expression on the relative path. `*`
/// and `?` stay inside a name, `**` crosses directories, `[…]`, `{a,b}` and `\` are known. Anything
/// unfinished, such as a lone `[`, stands for itself.
final class GlobPattern {
  private static final String SPECIAL = "\\^$.|?*+()[]{}";

  private final String glob;
  private final StringBuilder regex = new StringBuilder();
  private int at;
  private int depth;

  private GlobPattern(String glob) {
    this.glob = glob;
  }

  static String toRegex(String glob) {
    String trimmed = glob;
    while (trimmed.startsWith("./")) {
      trimmed = trimmed.substring(2);
    }
    return new GlobPattern(trimmed.replaceAll("/{2,}", "/")).translate();
  }

  private String translate() {
    while (at < glob.length()) {
      char c = glob.charAt(at);
      switch (c) {
        case '*' -> star();
        case '?' -> take("[^/]");
        case '[' -> bracket();
        case '{' -> brace();
        case '}' -> closeBrace();
        case ',' -> take(depth > 0 ? "|" : ",");
        case '\\' -> escape();
        default -> take(literal(c));
      }
    }
    return regex.toString();
  }

  private void take(String translated) {
    regex.append(translated);
    at++;
  }

  private void star() {
    int end = at;
    while (end < glob.length() && glob.charAt(end) == '*') {
      end++;
    }
    boolean atStart = at == 0 || "/{,".indexOf(glob.charAt(at - 1)) >= 0;
    boolean whole = end - at == 2 && atStart;
    if (whole && end < glob.length() && glob.charAt(end) == '/') {
      regex.append("(.*/)?");
      end++;
    } else if (whole && (end == glob.length() || ",}".indexOf(glob.charAt(end)) >= 0)) {
      regex.append(".*");
    } else {
      regex.append("[^/]*");
    }
    at = end;
  }

  private void bracket() {
    int first = at + 1;
    boolean negated = first < glob.length() && "!^".indexOf(glob.charAt(first)) >= 0;
    int body = negated ? first + 1 : first;
    int close = glob.indexOf(']', body + 1);
    if (close < 0 || glob.substring(body, close).indexOf('/') >= 0) {
      take("\\[");
      return;
    }
    regex.append(negated ? "[^/" : "[").append(glob, body, close).append(']');
    at = close + 1;
  }

  private void brace() {
    if (glob.indexOf('}', at) < 0) {
      take("\\{");
      return;
    }
    depth++;
    take("(");
  }

  private void closeBrace() {
    if (depth == 0) {
      take("\\}");
      return;
    }
    depth--;
    take(")");
  }

  private void escape() {
    if (at + 1 == glob.length()) {
      take("\\\\");
      return;
    }
    at++;
    take(literal(glob.charAt(at)));
  }

  private static String literal(char c) {
    return SPECIAL.indexOf(c) >= 0 ? "\\" + c : String.valueOf(c);
  }
}
