package io.steward.sandbox.tool;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// `glob` and `grep`. The search runs inside the sandbox and is bounded there.
final class SearchTools {
  static final int RESULTS_MAX = 200;
  static final int ENTRIES_MAX = 50_000;

  /// Longest text of a `grep`, in characters.
  static final int MATCHES_CHARS_MAX = 102_400;

  /// Longest matching line that is shown, in characters.
  static final int LINE_CHARS_MAX = 2000;

  private static final int RAW_BYTES_MAX = 1024 * 1024;
  private static final int RAW_LINE_BYTES_MAX = 4 * (LINE_CHARS_MAX + ToolInput.PATH_CHARS_MAX);
  private static final String NO_MATCHES = "no matches";

  private final FileTools files;

  SearchTools(FileTools files) {
    this.files = files;
  }

  ToolAnswer glob(ToolRequest.Glob request) {
    String path = request.path().orElse(".");
    return files.help(
        "glob",
        path,
        "list",
        Map.of(
            "path", path,
            "regex", GlobPattern.toRegex(request.pattern()),
            "entries", Integer.toString(ENTRIES_MAX),
            "results", Integer.toString(RESULTS_MAX)),
        answer -> {
          String root = answer.field();
          List<String> found =
              answer.rest().texts().stream()
                  .map(entry -> root + "/" + entry.split(" ", 3)[2])
                  .map(SearchTools::onOneLine)
                  .toList();
          return ToolAnswer.completed(found.isEmpty() ? NO_MATCHES : String.join("\n", found));
        });
  }

  ToolAnswer grep(ToolRequest.Grep request) {
    String path = request.path().orElse(".");
    return files.help(
        "grep",
        path,
        "search",
        Map.of(
            "path", path,
            "pattern", request.pattern(),
            "limit", Integer.toString(RAW_BYTES_MAX),
            "line", Integer.toString(RAW_LINE_BYTES_MAX)),
        answer -> ToolAnswer.completed(matches(answer.body())));
  }

  /// Renders `file NUL line:text` lines of grep. A file name may hold newlines, a text does not.
  static String matches(byte[] raw) {
    List<String> shown = new ArrayList<>();
    int chars = 0;
    boolean cut = raw.length >= RAW_BYTES_MAX;
    String text = new String(raw, StandardCharsets.UTF_8);
    int at = 0;
    while (at < text.length()) {
      int nul = text.indexOf('\0', at);
      int end = nul < 0 ? -1 : text.indexOf('\n', nul);
      if (end < 0) {
        break; // The rest of what was cut.
      }
      String path = text.substring(at, nul);
      String line = text.substring(nul + 1, end);
      at = end + 1;
      if (line.length() - line.indexOf(':') - 1 > LINE_CHARS_MAX) {
        continue;
      }
      String match = onOneLine(path) + ":" + line;
      chars += match.length() + 1;
      if (chars > MATCHES_CHARS_MAX) {
        cut = true;
        break;
      }
      shown.add(match);
    }
    if (shown.isEmpty()) {
      return NO_MATCHES;
    }
    if (cut) {
      shown.add("[output truncated at " + MATCHES_CHARS_MAX + " bytes]");
    }
    return String.join("\n", shown);
  }

  private static String onOneLine(String path) {
    return path.replace("\n", "\\n");
  }
}
