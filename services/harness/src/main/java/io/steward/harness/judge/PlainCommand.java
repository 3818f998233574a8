package io.steward.harness.judge;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/// The few programs that may run without being asked, and with which words.
///
/// `date`, `sort`, `find`, `env`, `git`, `uniq`, `file`, `rg`, `sed`, `awk`, `tar` and `xargs` are
/// not among them: each can write, or run something.
final class PlainCommand {
  /// Programs that open no file that their words name.
  private static final Set<String> SAYING =
      Set.of(
          "pwd",
          "echo",
          "whoami",
          "id",
          "uname",
          "which",
          "true",
          "false",
          "basename",
          "dirname",
          "seq");

  /// Programs that only look at what their words name.
  private static final Set<String> LOOKING =
      Set.of(
          "ls",
          "cat",
          "head",
          "tail",
          "wc",
          "stat",
          "du",
          "df",
          "realpath",
          "readlink",
          "cut",
          "nl",
          "tac",
          "rev",
          "diff",
          "cmp",
          "md5sum",
          "sha1sum",
          "sha256sum",
          "grep",
          "egrep",
          "fgrep");

  /// Those of them that look for a pattern, which is no path.
  private static final Set<String> SEARCHING = Set.of("grep", "egrep", "fgrep");

  /// Programs that make what their words name.
  private static final Set<String> MAKING = Set.of("mkdir", "touch");

  /// What `test` may be asked about a path. Its `-v` runs what stands in an array's index.
  private static final Set<String> TESTS =
      Set.of("-d", "-e", "-f", "-h", "-L", "-r", "-s", "-w", "-x");

  /// Short options, with a value of letters and digits at most.
  private static final Pattern SHORT_OPTION = Pattern.compile("-[A-Za-z0-9]*");

  /// Long options without a file in them. `--files0-from` and its like read names from a file.
  private static final Pattern LONG_OPTION =
      Pattern.compile(
          "--(all|almost-all|brief|bytes|color|count|exclude|exclude-dir|extended-regexp"
              + "|files-with-matches|fixed-strings|help|human-readable|ignore-case|include"
              + "|invert-match|line-number|lines|max-count|max-depth|perl-regexp|recursive|reverse"
              + "|summarize|unified|version|word-regexp|words)(=[^/~]*)?");

  /// Short options after which the first word need not be the pattern: `-e` and `-f` name one.
  private static final Pattern NAMES_PATTERN = Pattern.compile("-[A-Za-z0-9]*[ef][A-Za-z0-9]*");

  private PlainCommand() {}

  /// Whether the program surely does no harm with these words. Relative paths are taken to be in
  /// the workspace, where shells begin; `cd` leads to no place that may not be looked at.
  static boolean isHarmless(List<String> words) {
    String program = words.getFirst();
    List<String> arguments = words.subList(1, words.size());
    if (SAYING.contains(program)) {
      return true;
    }
    if (LOOKING.contains(program)) {
      return looks(arguments, SEARCHING.contains(program));
    }
    if (MAKING.contains(program)) {
      return arguments.stream()
          .allMatch(word -> word.startsWith("-") ? word.equals("-p") : WorkPaths.mayWrite(word));
    }
    return switch (program) {
      case "cd" -> arguments.size() == 1 && enters(arguments.getFirst());
      case "test" ->
          arguments.size() == 2
              && TESTS.contains(arguments.getFirst())
              && WorkPaths.mayRead(arguments.getLast());
      default -> false;
    };
  }

  /// A word that is an option's value is taken for a path as well.
  private static boolean looks(List<String> arguments, boolean searching) {
    boolean patternDue =
        searching && arguments.stream().noneMatch(word -> NAMES_PATTERN.matcher(word).matches());
    for (String word : arguments) {
      if (word.startsWith("-")) {
        if (!SHORT_OPTION.matcher(word).matches() && !LONG_OPTION.matcher(word).matches()) {
          return false;
        }
      } else if (patternDue) {
        patternDue = false;
      } else if (!WorkPaths.mayRead(word)) {
        return false;
      }
    }
    return true;
  }

  private static boolean enters(String path) {
    return !path.startsWith("-") && WorkPaths.mayEnter(path);
  }
}
