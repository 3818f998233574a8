package io.steward.harness.stage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/// A report of what was measured; nothing is judged by it.
public final class Figures {
  private static final Path DIRECTORY = Path.of("target/reports");

  private Figures() {}

  /// A line on the console and in the report of that name.
  public static synchronized void print(String report, String line) throws IOException {
    System.out.println(line);
    Files.createDirectories(DIRECTORY);
    Files.writeString(
        DIRECTORY.resolve(report),
        line + "\n",
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }

  /// Median, 99th percentile, maximum and number of some milliseconds, as cells of a table.
  public static String cells(List<Long> millis) {
    List<Long> sorted = millis.stream().sorted().toList();
    return "%d ms | %d ms | %d ms | %d"
        .formatted(at(sorted, 0.5), at(sorted, 0.99), at(sorted, 1), sorted.size());
  }

  private static long at(List<Long> sorted, double share) {
    return sorted.isEmpty()
        ? -1
        : sorted.get((int) Math.max(0, Math.ceil(share * sorted.size()) - 1));
  }
}
