package io.steward.devbox.supervise;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/// Signals that the Java API does not know.
final class Signals {
  private Signals() {}

  /// Sends `signal` (such as `INT`) to a process; nothing happens when it is gone.
  static void send(String signal, long pid) {
    try {
      Process kill =
          new ProcessBuilder("sh", "-c", "kill -" + signal + " " + pid)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!kill.waitFor(2, TimeUnit.SECONDS)) {
        kill.destroyForcibly();
      }
    } catch (IOException e) {
      ProcessHandle.of(pid).ifPresent(ProcessHandle::destroy);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
