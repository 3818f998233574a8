package io.steward.sandbox.tool;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/// What `read` shows of a file and what `edit` makes of one. Pure.
final class FileText {
  private FileText() {}

  /// What came of a replacement.
  sealed interface Replacement {
    record Done(String text, int count) implements Replacement {}

    record Refused(String message) implements Replacement {}
  }

  /// @param size bytes of the whole file
  /// @param content the whole file when it is small enough, else the range that was asked for
  static ToolAnswer read(ToolRequest.Read request, long size, byte[] content) {
    String path = request.filePath();
    boolean whole = size <= FileTools.FILE_BYTES_MAX;
    Optional<ToolRequest.ViewRange> range = request.viewRange();
    if (!whole && range.isEmpty()) {
      return ToolAnswer.failed(
          "read: %s is %d bytes, exceeds %d-byte limit. Use the view_range parameter to read specific line ranges, e.g. view_range: [1, 500]."
              .formatted(path, size, FileTools.FILE_BYTES_MAX));
    }
    for (byte b : content) {
      if (b == 0) {
        return ToolAnswer.failed("read: " + path + " is not a UTF-8 text file");
      }
    }
    String text = new String(content, StandardCharsets.UTF_8);
    if (range.isEmpty()) {
      return ToolAnswer.completed(text);
    }
    return whole
        ? ToolAnswer.completed(select(text, range.get()))
        : part(path, range.get(), text, content.length);
  }

  private static String select(String text, ToolRequest.ViewRange range) {
    List<String> lines = FileTools.lines(text);
    int from = Math.min(lines.size(), Math.max(0, range.start() - 1));
    int to = range.toEnd() ? lines.size() : Math.min(lines.size(), range.end());
    return from >= to ? "" : String.join("\n", lines.subList(from, to));
  }

  private static ToolAnswer part(String path, ToolRequest.ViewRange range, String text, int bytes) {
    boolean endsLine = !range.toEnd() && text.endsWith("\n");
    if (bytes - (endsLine ? 1 : 0) <= FileTools.FILE_BYTES_MAX) {
      return ToolAnswer.completed(endsLine ? text.substring(0, text.length() - 1) : text);
    }
    if (!range.toEnd() && range.end() == Math.max(1, range.start())) {
      return ToolAnswer.failed(
          "read: line %d of %s alone exceeds %d-byte limit. The read tool cannot return part of a line, so view_range cannot narrow this further."
              .formatted(range.end(), path, FileTools.FILE_BYTES_MAX));
    }
    return ToolAnswer.failed(
        "read: view_range [%d, %d] of %s exceeds %d-byte limit. Narrow the view_range to read a smaller portion."
            .formatted(range.start(), range.end(), path, FileTools.FILE_BYTES_MAX));
  }

  /// Replaces literally: nothing in either string is special.
  static Replacement replace(String text, ToolRequest.Edit request) {
    int count = count(text, request.oldString());
    if (count == 0) {
      return new Replacement.Refused("edit: old_string not found in " + request.filePath());
    }
    if (count > 1 && !request.replaceAll()) {
      return new Replacement.Refused(
          "edit: old_string appears "
              + count
              + " times in "
              + request.filePath()
              + " (must be unique)");
    }
    return new Replacement.Done(text.replace(request.oldString(), request.newString()), count);
  }

  private static int count(String text, String part) {
    int count = 0;
    int at = text.indexOf(part);
    while (at >= 0) {
      count++;
      at = text.indexOf(part, at + part.length());
    }
    return count;
  }
}
