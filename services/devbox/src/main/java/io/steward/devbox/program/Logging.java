package io.steward.devbox.program;

import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.Logger;

/// What the libraries inside a process of this module print: warnings and worse, one line each.
public final class Logging {
  private static final String FORMAT = "%1$tFT%1$tT.%1$tL%1$tz %4$s [%3$s] %5$s%6$s%n";

  private Logging() {}

  /// From now on libraries print nothing: what goes wrong is said in a sentence.
  public static void nothing() {
    Logger root = LogManager.getLogManager().getLogger("");
    if (root != null) {
      root.setLevel(Level.OFF);
    }
  }

  /// Sets it up. Called first in a main method.
  public static void warningsOnly() {
    System.setProperty("java.util.logging.SimpleFormatter.format", FORMAT);
    Logger root = LogManager.getLogManager().getLogger("");
    if (root != null) {
      root.setLevel(Level.WARNING);
    }
  }
}
