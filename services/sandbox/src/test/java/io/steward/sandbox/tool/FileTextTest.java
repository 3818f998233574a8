package io.steward.sandbox.tool;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FileTextTest {
  private static ToolRequest.Read request(int start, int end) {
    return new ToolRequest.Read("f", Optional.of(new ToolRequest.ViewRange(start, end)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1 | 1  | a",
        "2 | 3  | b.c",
        "2 | 0  | b.c.",
        "0 | 2 | a.b",
        "4 | 9 | (no output)",
        "5 | 9  | (no output)",
        "3 | 2 | (no output)",
        "1 | -1 | a.b.c.",
      })
  void a_range_counts_lines_from_one_and_includes_both_ends(int start, int end, String expected) {
    byte[] content = "a\nb\nc\n".getBytes(StandardCharsets.UTF_8);

    ToolAnswer answer = FileText.read(request(start, end), content.length, content);

    assertEquals(
        expected.equals("(no output)") ? expected : expected.replace('.', '\n'), answer.text());
  }

  @Test
  void a_large_file_needs_a_range_that_is_small_enough() {
    byte[] large = new byte[FileTools.FILE_BYTES_MAX + 2];
    java.util.Arrays.fill(large, (byte) 'x');
    long size = 1_000_000;

    assertEquals(
        "read: f is 1000000 bytes, exceeds 262144-byte limit. Use the view_range parameter to read"
            + " specific line ranges, e.g. view_range: [1, 500].",
        FileText.read(new ToolRequest.Read("f", Optional.empty()), size, large).text());
    assertEquals(
        "read: view_range [1, 9] of f exceeds 262144-byte limit. Narrow the view_range to read a"
            + " smaller portion.",
        FileText.read(request(1, 9), size, large).text());
    assertEquals(
        "read: line 3 of f alone exceeds 262144-byte limit. The read tool cannot return part of a"
            + " line, so view_range cannot narrow this further.",
        FileText.read(request(3, 3), size, large).text());
    assertEquals(
        "b\nc",
        FileText.read(request(2, 3), size, "b\nc\n".getBytes(StandardCharsets.UTF_8)).text());
  }

  @Test
  void a_binary_file_is_told() {
    assertEquals(
        "read: f is not a UTF-8 text file",
        FileText.read(new ToolRequest.Read("f", Optional.empty()), 3, new byte[] {1, 0, 2}).text());
  }

  @Test
  void a_replacement_is_literal_and_unique_unless_all_are_meant() {
    assertEquals(
        new FileText.Replacement.Done("x$1\\y", 1),
        FileText.replace("x.y", new ToolRequest.Edit("f", ".", "$1\\", false)));
    assertEquals(
        new FileText.Replacement.Refused("edit: old_string appears 2 times in f (must be unique)"),
        FileText.replace("aa", new ToolRequest.Edit("f", "a", "b", false)));
    assertEquals(
        new FileText.Replacement.Done("bb", 2),
        FileText.replace("aa", new ToolRequest.Edit("f", "a", "b", true)));
    assertEquals(
        new FileText.Replacement.Refused("edit: old_string not found in f"),
        FileText.replace("aa", new ToolRequest.Edit("f", "c", "b", true)));
  }
}
