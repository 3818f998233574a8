package io.steward.bench.scenario;

import io.steward.bench.steward.Installation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// Collections of garbage, so that memory is what is kept.
final class Heaps {
  private static final List<String> WITHOUT = List.of("postgres");

  private Heaps() {}

  /// Asks all JVMs of an installation for a collection. One that does not answer is left alone.
  static void collect(Installation installation) throws IOException, InterruptedException {
    for (Map.Entry<String, Long> process : installation.pids().entrySet()) {
      if (!WITHOUT.contains(process.getKey())) {
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                Long.toString(process.getValue()),
                "GC.run")
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start()
            .waitFor();
      }
    }
  }
}
