package io.steward.devbox;

import java.io.PrintStream;
import java.util.HashSet;
import java.util.Set;

/// Says how far a start is: each part once, when it is ready, and after how long.
final class Progress {
  private final PrintStream console;
  private final long startNanos = System.nanoTime();
  private final Set<String> said = new HashSet<>();

  Progress(PrintStream console) {
    this.console = console;
  }

  /// `name` is ready or not.
  void observe(String name, boolean ready) {
    if (ready) {
      ready(name);
    }
  }

  /// `name` is ready. Called from several threads.
  synchronized void ready(String name) {
    if (said.add(name)) {
      console.printf("  %-13s ready after %.1f s%n", name, seconds());
    }
  }

  private double seconds() {
    return (System.nanoTime() - startNanos) / 1e9;
  }
}
