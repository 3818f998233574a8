package io.steward.devbox.program;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The command line of a child JVM: a small heap, the serial collector, and the AOT cache (JEP 514)
/// that lies beside its jar. A cache that is absent or stale costs time, nothing else.
///
/// Only the first compiler is used: on 2 cores everything is ready after 9 s of processor time
/// instead of 16 s, takes 15 % less memory, and 400 turns right after the start take 16 s of
/// processor time instead of 34 s. A server that runs for days would want the second one.
///
/// @param options which win over those chosen here; a training run does without them
public record Jvm(
    Path java, Path aotCache, int heapMegabytesMax, AotUse aot, List<String> options) {
  /// What the JVM does with the cache.
  public enum AotUse {
    /// Start with it when it is there.
    READ,
    /// Make it when the process ends.
    WRITE
  }

  /// The command that runs `main` (a class with its class path, or `-jar`) with `arguments`.
  public List<String> command(List<String> main) {
    List<String> command = new ArrayList<>();
    command.add(java.toString());
    command.add("-XX:+UseSerialGC");
    command.add("-XX:-UsePerfData");
    command.add("-Xms16m");
    command.add("-Xmx" + heapMegabytesMax + "m");
    command.add("-Xss512k");
    command.add("-XX:TieredStopAtLevel=1");
    command.add("-XX:MaxHeapFreeRatio=30");
    command.add("-XX:MinHeapFreeRatio=10");
    command.add("-XX:+ExitOnOutOfMemoryError");
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("--sun-misc-unsafe-memory-access=allow");
    command.add(
        "--add-opens=java.base/java.lang=ALL-UNNAMED"); // jboss-threads resets thread locals
    command.add("-Dfile.encoding=UTF-8");
    command.add("-Djava.net.preferIPv4Stack=true");
    if (aot == AotUse.WRITE) {
      command.add("-XX:AOTCacheOutput=" + aotCache);
    } else {
      command.addAll(options);
      if (Files.isReadable(aotCache)) {
        command.add("-XX:AOTCache=" + aotCache);
        command.add("-Xlog:disable");
        command.add("-Xlog:all=error:stderr");
      }
    }
    command.addAll(main);
    return command;
  }
}
