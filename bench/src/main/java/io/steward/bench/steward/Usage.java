package io.steward.bench.steward;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What processes use, from `/proc`.
///
/// @param of by name, in the order asked for
public record Usage(Map<String, Use> of) {
  /// @param cpuSeconds since it started, of its own and of the processes below it; of its own alone
  ///   when another one that was asked for is below it, as everything is below devbox
  /// @param memoryBytes resident, with shared pages divided by those who share them
  /// @param ownBytes of these, what is in no file. The rest grows by itself when another program
  ///   ends that had the same file in memory, another JVM for example
  public record Use(double cpuSeconds, long memoryBytes, long ownBytes) {}

  private static final double TICKS_A_SECOND = 100; // Linux' USER_HZ, which is part of its ABI
  private static final int KIB = 1024;
  private static final int UTIME = 11; // fields of stat behind the name in parentheses
  private static final int STIME = 12;

  public Usage {
    of = Collections.unmodifiableMap(new LinkedHashMap<>(of));
  }

  /// Reads it now. A process that is gone is left out.
  public static Usage now(Map<String, Long> pids) {
    Map<String, Use> uses = new LinkedHashMap<>();
    pids.forEach((name, pid) -> {
      List<Long> all = new ArrayList<>(List.of(pid));
      List<Long> below = below(pid);
      if (Collections.disjoint(below, pids.values())) {
        all.addAll(below);
      }
      double cpu = 0;
      long memory = 0;
      long own = 0;
      for (long one : all) {
        Path proc = Path.of("/proc", Long.toString(one));
        try {
          cpu += cpuSeconds(Files.readString(proc.resolve("stat")));
          String smaps = Files.readString(proc.resolve("smaps_rollup"));
          memory += memoryBytes(smaps);
          own += ownBytes(smaps);
        } catch (IOException e) {
          continue; // It ended just now.
        }
      }
      if (memory > 0) {
        uses.put(name, new Use(cpu, memory, own));
      }
    });
    return new Usage(uses);
  }

  private static List<Long> below(long pid) {
    return ProcessHandle.of(pid).stream()
        .flatMap(ProcessHandle::descendants)
        .map(ProcessHandle::pid)
        .toList();
  }

  /// All memory together that is in no file.
  public long ownBytes() {
    return of.values().stream().mapToLong(Use::ownBytes).sum();
  }

  /// The processor time of `name` since an earlier look; 0 when it was not there then, or is not
  /// now.
  public double cpuSecondsSince(Usage earlier, String name) {
    Use now = of.get(name);
    Use then = earlier.of.get(name);
    return now == null || then == null ? 0 : Math.max(0, now.cpuSeconds() - then.cpuSeconds());
  }

  /// @param stat the content of `/proc/PID/stat`
  static double cpuSeconds(String stat) {
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return (Long.parseLong(fields[UTIME]) + Long.parseLong(fields[STIME])) / TICKS_A_SECOND;
  }

  /// @param smaps the content of `/proc/PID/smaps_rollup`
  static long memoryBytes(String smaps) {
    return bytes(smaps, "Pss:");
  }

  static long ownBytes(String smaps) {
    return bytes(smaps, "Pss_Anon:") + bytes(smaps, "Pss_Shmem:");
  }

  private static long bytes(String smaps, String name) {
    return smaps
        .lines()
        .filter(line -> line.startsWith(name))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * KIB)
        .sum();
  }
}
