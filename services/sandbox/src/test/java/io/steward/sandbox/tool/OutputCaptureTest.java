package io.steward.sandbox.tool;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.sandbox.shim.Sandbox.OutputDirectory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputCaptureTest {
  @TempDir Path directory;

  private OutputCapture capture(long fileBytesMax) {
    return new OutputCapture(new OutputDirectory(directory, "/inside"), "call.txt", fileBytesMax);
  }

  private static void write(OutputCapture capture, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    for (int at = 0; at < bytes.length; at += 7000) {
      capture.write(bytes, at, Math.min(7000, bytes.length - at));
    }
  }

  private List<String> files() throws IOException {
    try (var files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  @Test
  void a_short_output_is_shown_whole_without_colours_and_trailing_newlines() throws IOException {
    OutputCapture capture = capture(1 << 20);
    write(capture, "\u001b[1;31mred\u001b[0m \u001b]0;title\u0007plain\n\n\n");

    assertEquals("red plain", capture.text());
    assertEquals(List.of(), files());
  }

  @Test
  void an_output_of_the_largest_size_is_shown_whole() throws IOException {
    OutputCapture capture = capture(1 << 20);
    write(capture, "é".repeat(OutputCapture.TEXT_CHARS_MAX));

    assertEquals(OutputCapture.TEXT_CHARS_MAX, capture.text().length());
    assertEquals(List.of(), files());
  }

  @Test
  void one_character_more_is_cut_and_kept_in_a_file() throws IOException {
    OutputCapture capture = capture(1 << 20);
    String output = "a" + "é".repeat(OutputCapture.TEXT_CHARS_MAX - 1) + "z";
    write(capture, output);

    String text = capture.text();

    assertTrue(text.length() <= OutputCapture.TEXT_CHARS_MAX, () -> "" + text.length());
    assertTrue(text.startsWith("aé") && text.endsWith("éz"));
    assertTrue(text.contains("are in /inside/call.txt]"), text);
    assertEquals(output, Files.readString(directory.resolve("call.txt")));
  }

  @Test
  void a_huge_output_keeps_its_start_and_end_and_the_whole_in_a_file() throws IOException {
    OutputCapture capture = capture(100L << 20);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int i = 0; i < 400_000; i++) {
      all.writeBytes((i + " line\n").getBytes(StandardCharsets.UTF_8));
    }
    write(capture, all.toString(StandardCharsets.UTF_8));

    String text = capture.text();

    assertTrue(text.length() <= OutputCapture.TEXT_CHARS_MAX);
    assertTrue(text.startsWith("0 line\n1 line\n"));
    assertTrue(text.endsWith("399998 line\n399999 line"));
    assertArrayEquals(all.toByteArray(), Files.readAllBytes(directory.resolve("call.txt")));
  }

  @Test
  void a_file_has_a_limit_and_the_result_says_so() throws IOException {
    OutputCapture capture = capture(500_000);
    write(capture, "x".repeat(3_000_000));

    String text = capture.text();

    assertTrue(text.contains("it has 3000000 bytes in all, the first 500000 of them are in"), text);
    assertEquals(500_000, Files.size(directory.resolve("call.txt")));
  }

  @Test
  void a_file_that_cannot_be_written_costs_the_file_only() throws IOException {
    Files.createDirectory(directory.resolve("call.txt"));
    Files.createFile(directory.resolve("call.txt").resolve("in the way"));
    OutputCapture capture = capture(500_000);
    write(capture, "x".repeat(3_000_000));

    assertTrue(capture.text().contains("could not be kept"));
  }

  @Test
  void old_files_give_way_to_new_ones() throws IOException {
    for (int i = 0; i < 40; i++) {
      Path file = Files.write(directory.resolve("old" + i), new byte[100]);
      Files.setLastModifiedTime(file, java.nio.file.attribute.FileTime.fromMillis(i * 1000L));
    }

    OutputFiles.makeRoom(directory, 1000);

    assertEquals(10, files().size());
    assertTrue(files().contains("old39"));
  }
}
