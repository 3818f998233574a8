package io.steward.sandbox.shim;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ShellOutputTest {
  private static final String TOKEN = "abc";

  @Test
  void marks_are_told_in_order_and_not_shown() {
    List<String> heard =
        feed(List.of("one\0steward:abc:end 1 0\0two\0steward:abc:died 137\0three"));

    assertEquals(List.of("one", "end 1 0", "two", "died 137", "three"), heard);
  }

  @Test
  void what_only_looks_like_a_mark_is_output() {
    List<String> heard =
        feed(
            List.of(
                "\0steward:xyz:end 1 0\0", "\0steward:abc:nonsense\0", "\0\0steward:abc:died 1\0"));

    assertEquals(List.of("\0steward:xyz:end 1 0\0\0steward:abc:nonsense\0\0", "died 1"), heard);
  }

  @Test
  void an_endless_mark_is_output() {
    String endless = "\0steward:abc:" + "x".repeat(2 * ShellOutput.MARK_BYTES_MAX);

    assertEquals(List.of(endless + "y"), feed(List.of(endless, "y")));
  }

  static LongStream seeds() {
    return LongStream.range(0, 200);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void how_the_bytes_are_cut_makes_no_difference(long seed) {
    Random random = new Random(seed);
    List<String> expected = new ArrayList<>();
    StringBuilder stream = new StringBuilder();
    for (int i = 0; i < 20; i++) {
      String output = "x".repeat(random.nextInt(1, 40)) + "\0".repeat(random.nextInt(3)) + "s";
      expected.add(output);
      expected.add("end " + i + " " + random.nextInt(256));
      stream.append(output).append("\0steward:abc:").append(expected.getLast()).append('\0');
    }
    List<String> chunks = new ArrayList<>();
    for (int at = 0; at < stream.length(); ) {
      int end = Math.min(stream.length(), at + random.nextInt(1, 50));
      chunks.add(stream.substring(at, end));
      at = end;
    }

    assertEquals(expected, feed(chunks));
  }

  /// What is heard, neighbouring output joined.
  private static List<String> feed(List<String> chunks) {
    List<String> heard = new ArrayList<>();
    StringBuilder output = new StringBuilder();
    ShellOutput shell =
        new ShellOutput(
            TOKEN,
            new ShellOutput.Listener() {
              @Override
              public void began(String call) {
                heard.add("begin " + call);
              }

              @Override
              public void write(byte[] bytes, int offset, int length) {
                output.append(new String(bytes, offset, length, StandardCharsets.ISO_8859_1));
              }

              @Override
              public void ended(String call, int code) {
                flush();
                heard.add("end " + call + " " + code);
              }

              @Override
              public void died(int code) {
                flush();
                heard.add("died " + code);
              }

              private void flush() {
                if (!output.isEmpty()) {
                  heard.add(output.toString());
                  output.setLength(0);
                }
              }
            });
    for (String chunk : chunks) {
      byte[] bytes = chunk.getBytes(StandardCharsets.ISO_8859_1);
      shell.accept(bytes, bytes.length);
    }
    if (!output.isEmpty()) {
      heard.add(output.toString());
    }
    return heard;
  }
}
