package io.steward.bench.scenario;

import io.steward.bench.steward.Installation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/// Collections of garbage, so that memory is what is kept.
final class Heaps {
  private static final List<String> WITHOUT = List.of("postgres");

  /// The serial collector gives free memory back to the system in steps: nothing at the first full
  /// collection, all of it at the fourth. The last one is for what finalizers let go.
  private static final int COLLECTIONS = 5;

  private Heaps() {}

  /// Has all JVMs of an installation collect until they have given back what is free. One that does
  /// not answer is left alone.
  static void collect(Installation installation) throws IOException, InterruptedException {
    List<Process> all = new ArrayList<>();
    for (Map.Entry<String, Long> process : installation.pids().entrySet()) {
      if (!WITHOUT.contains(process.getKey())) {
        all.add(
            new ProcessBuilder(
                    Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                    Long.toString(process.getValue()),
                    String.join("\n", Collections.nCopies(COLLECTIONS, "GC.run")))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start());
      }
    }
    for (Process one : all) {
      one.waitFor();
    }
  }
}
