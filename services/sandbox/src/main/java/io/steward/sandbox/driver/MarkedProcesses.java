package io.steward.sandbox.driver;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.jboss.logging.Logger;

/// Processes that were started in a sandbox without isolation, known by a mark in the environment
/// they were started with. A process that was started with an empty environment is not found:
/// without isolation nothing can find all that a command starts.
final class MarkedProcesses {
  static final String VARIABLE = "STEWARD_IN";

  private static final Logger LOG = Logger.getLogger(MarkedProcesses.class);

  /// How Java writes the environment of a process it starts.
  private static final Charset ENVIRONMENT =
      Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));

  private static final int ROUNDS_MAX = 50;
  private static final long PAUSE_NANOS = 5_000_000;

  private MarkedProcesses() {}

  /// Ends all whose mark is `wanted`, and what they start meanwhile.
  static void end(Predicate<String> wanted) {
    for (int round = 0; round < ROUNDS_MAX; round++) {
      List<ProcessHandle> found =
          ProcessHandle.allProcesses().filter(process -> isMarked(process, wanted)).toList();
      if (found.isEmpty()) {
        return;
      }
      found.forEach(ProcessHandle::destroyForcibly);
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    LOG.warnf("processes of a sandbox start new ones faster than they are ended");
  }

  private static boolean isMarked(ProcessHandle process, Predicate<String> wanted) {
    try {
      byte[] bytes = Files.readAllBytes(Path.of("/proc/" + process.pid() + "/environ"));
      return Arrays.stream(new String(bytes, ENVIRONMENT).split("\0", -1))
          .filter(entry -> entry.startsWith(VARIABLE + "="))
          .anyMatch(entry -> wanted.test(entry.substring(VARIABLE.length() + 1)));
    } catch (IOException e) {
      return false; // It ended, or belongs to somebody else.
    }
  }
}
