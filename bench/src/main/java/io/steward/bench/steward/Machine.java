package io.steward.bench.steward;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/// What the figures were measured on.
///
/// @param processors that this JVM may use
/// @param busy the share of all processors that something else kept busy just before the start,
///   from 0 to 1: above about 0.1 it is in the figures
public record Machine(
    String processor,
    int processors,
    long memoryBytes,
    String system,
    String jdk,
    String files,
    double busy) {
  private static final int KIB = 1024;
  private static final Duration BUSY_WINDOW = Duration.ofSeconds(2);

  /// Describes this machine. Watches its processors for [#BUSY_WINDOW], so nothing of this run may
  /// be under way yet.
  ///
  /// @param data a directory on the file system that the log is written to
  public static Machine here(Path data) throws IOException {
    FileStore store = Files.getFileStore(data);
    return new Machine(
        valueOf(Files.readString(Path.of("/proc/cpuinfo")), "model name"),
        Runtime.getRuntime().availableProcessors(),
        kibibytes(valueOf(Files.readString(Path.of("/proc/meminfo")), "MemTotal")) * KIB,
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        System.getProperty("java.vendor.version") + " " + System.getProperty("java.version"),
        store.type(),
        ProcessorTime.busyFor(BUSY_WINDOW));
  }

  /// The first value of a name in lines of `name : value`, or "unknown".
  static String valueOf(String text, String name) {
    return text.lines()
        .filter(line -> line.startsWith(name))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElse("unknown");
  }

  private static long kibibytes(String value) {
    String digits = value.replaceAll("\\D", "");
    return digits.isEmpty() ? 0 : Long.parseLong(digits);
  }
}
