package io.steward.sandbox.packages;

import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.UnaryOperator;

/// The last lines a program wrote.
final class OutputTail {
  private static final int BYTES_MAX = 16_384;
  private static final int LINES_MAX = 20;
  private static final int CHARS_MAX = 2_000;

  private final byte[] last = new byte[BYTES_MAX];
  private long total;

  /// Reads until the end.
  void read(InputStream in) throws IOException {
    byte[] chunk = new byte[4_096];
    for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
      add(chunk, read);
    }
  }

  private synchronized void add(byte[] chunk, int length) {
    for (int i = 0; i < length; i++) {
      last[(int) (total++ % BYTES_MAX)] = chunk[i];
    }
  }

  /// At most twenty lines and two thousand characters, without control characters. A line whose
  /// beginning is lost is left out: nobody could tell what its rest is part of.
  ///
  /// @param redact applied before anything is cut, so that it sees what it looks for as a whole
  synchronized String text(UnaryOperator<String> redact) {
    List<String> lines = redact.apply(clean(kept())).lines().toList();
    String text =
        String.join("\n", lines.subList(Math.max(0, lines.size() - LINES_MAX), lines.size()));
    return text.length() <= CHARS_MAX ? text : "…" + text.substring(text.length() - CHARS_MAX);
  }

  private String kept() {
    int length = (int) Math.min(total, BYTES_MAX);
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = last[(int) ((total - length + i) % BYTES_MAX)];
    }
    String text = new String(bytes, StandardCharsets.UTF_8);
    if (total <= BYTES_MAX) {
      return text;
    }
    int end = text.indexOf('\n');
    return end < 0 ? "" : text.substring(end + 1);
  }

  private static String clean(String text) {
    return text.replaceAll("\u001b\\[[0-9;]*[A-Za-z]", "")
        .lines()
        .map(line -> line.replaceAll("\\p{Cntrl}", "").stripTrailing())
        .filter(line -> !line.isEmpty())
        .collect(joining("\n"));
  }
}
