package io.steward.sandbox.packages;

import java.util.Locale;
import java.util.regex.Pattern;

/// The programs that install packages, in the order in which they run. Each has its own way to
/// write a version. Items become arguments of programs, never text of a shell; the patterns see to
/// it that none can be an option or a path of the machine.
enum Installer {
  APT(
      "[a-z0-9][a-z0-9+.-]*[a-z0-9+](:[a-z0-9-]+)?([=/][A-Za-z0-9][A-Za-z0-9.+:~*-]*)?",
      "`jq`, `jq=1.6-2.1` or `jq/stable`"),
  CARGO("[A-Za-z0-9][A-Za-z0-9_-]*(@[=^~]?[0-9][A-Za-z0-9.+-]*)?", "`ripgrep` or `ripgrep@14.1.0`"),
  GEM(
      "[A-Za-z0-9_][A-Za-z0-9_.-]*(:(~>|>=|<=|=|>|<)?[0-9][A-Za-z0-9.-]*)?",
      "`rake` or `rake:13.2.1`"),
  GO(
      "[A-Za-z0-9][A-Za-z0-9_.~-]*(/[A-Za-z0-9_~+-][A-Za-z0-9_.~+-]*)*(@[A-Za-z0-9][A-Za-z0-9_.+/-]*)?",
      "`golang.org/x/tools/cmd/stringer@v0.24.0`"),
  NPM(
      "(@[A-Za-z0-9~_][A-Za-z0-9~_.-]*/)?[A-Za-z0-9~_][A-Za-z0-9~_.-]*(@("
          + Patterns.URL
          + "|[A-Za-z0-9^~<>=*][A-Za-z0-9.^~<>=*|+_-]*))?|"
          + Patterns.URL,
      "`typescript`, `typescript@5.6.2`, `@types/node@22` or the https address of a package"),
  PIP(
      Patterns.DISTRIBUTION
          + "("
          + Patterns.VERSION
          + "(,"
          + Patterns.VERSION
          + ")*)?|("
          + Patterns.DISTRIBUTION
          + " ?@ ?)?"
          + Patterns.URL,
      "`requests`, `requests==2.32.3`, `uvicorn[standard]>=0.30,<1` or `name @ https://…`");

  private final Pattern item;
  private final String examples;

  Installer(String item, String examples) {
    this.item = Pattern.compile(item);
    this.examples = examples;
  }

  /// Parts of patterns.
  private static final class Patterns {
    static final String URL = "(git\\+)?https?://[A-Za-z0-9._~:/?#@&+,;=%\\[\\]-]+";
    static final String DISTRIBUTION =
        "[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?(\\[[A-Za-z0-9._-]+(,[A-Za-z0-9._-]+)*\\])?";
    static final String VERSION = "(===|==|~=|!=|<=|>=|<|>)[A-Za-z0-9][A-Za-z0-9.*+!_-]*";
  }

  /// How environments call it.
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// The item itself.
  ///
  /// @param path where it was written, for the message
  /// @throws IllegalArgumentException when it is not written as this manager wants it
  String requireItem(String text, String path) {
    if (!item.matcher(text).matches() || text.contains("..")) {
      throw new IllegalArgumentException(
          "`%s` is \"%s\", but must be a package as %s writes it, such as %s"
              .formatted(path, text, word(), examples));
    }
    return text;
  }
}
