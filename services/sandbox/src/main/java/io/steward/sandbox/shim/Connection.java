package io.steward.sandbox.shim;

import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.OptionalInt;

/// Three byte streams to a process somewhere: its standard input, output and error.
///
/// Streams are read and written by one thread each; the rest is safe from any thread.
public interface Connection {
  /// What is sent to it. Closing it tells the other side that nothing more comes, where the
  /// transport can do that.
  OutputStream orders();

  /// What it writes to descriptor 1. Ends when the process or the way to it ends.
  InputStream frames();

  /// What it writes to descriptor 2. Ends when the process or the way to it ends.
  InputStream output();

  /// Whether the process may still run and can be reached.
  boolean isAlive();

  /// How the process ended; empty while it runs, and when nobody can tell.
  OptionalInt exitCode();

  /// Waits until it ended, at most for `longest`.
  ///
  /// @return false when it has not, and when the thread was interrupted, which stays noted
  boolean awaitEnd(Duration longest);

  /// Why it ended, as part of a sentence; empty when that is not known.
  default String cause() {
    return "";
  }

  /// Whether it ended because somebody else took over what it leads to, which goes on.
  default boolean isTakenOver() {
    return false;
  }

  /// Ends the process, or at least the way to it. Again is no different from once.
  void kill();
}
