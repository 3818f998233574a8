package io.steward.e2e.report;

import com.sun.management.OperatingSystemMXBean;
import io.steward.e2e.stage.Steward;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Times of one series in ascending order, and how busy the whole machine was meanwhile: at full
/// load a latency is the length of a queue.
///
/// @param millis ascending, at least one
/// @param busy share of all processors that was in use, 0 to 1; negative when unknown
record Latencies(double[] millis, double busy) {
  /// Measures with this series. The system's load is taken from this call's start to its end.
  static Latencies of(Series series) throws Exception {
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    system.getCpuLoad(); // the next answer counts from here
    long[] nanos = series.nanos();
    double busy = system.getCpuLoad();
    double[] millis = Arrays.stream(nanos).sorted().mapToDouble(n -> n / 1e6).toArray();
    return new Latencies(millis, busy);
  }

  /// Something that takes times, in nanoseconds and in any order.
  interface Series {
    long[] nanos() throws Exception;
  }

  /// Rows of a Markdown table of two columns and the target.
  ///
  /// @param medianTarget in ms
  String table(String name, @Nullable Double medianTarget) {
    String target = medianTarget == null ? "" : String.format(Locale.ROOT, "%.0f", medianTarget);
    return String.format(
        Locale.ROOT,
        """
        | %s, ms | | target |
        | --- | --- | --- |
        | median | %.2f | %s |
        | p90 | %.2f | |
        | p99 | %.2f | |
        | max | %.2f | |
        | processors busy | %.0f %% | |
        """,
        name,
        millis[millis.length / 2],
        target,
        millis[millis.length * 90 / 100],
        millis[millis.length * 99 / 100],
        millis[millis.length - 1],
        busy * 100);
  }

  /// Prints a report and keeps it as a file among the reports of the build.
  static void report(String file, String text) throws IOException {
    Path path = Steward.target().resolve("reports").resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
    System.out.println(text);
  }
}
