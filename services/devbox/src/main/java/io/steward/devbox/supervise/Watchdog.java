package io.steward.devbox.supervise;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// A shell at the other end of a pipe. It learns the process id of each child; when the pipe
/// closes, because this process is gone in whatever way, it ends the children and everything that
/// carries the mark of this instance.
public final class Watchdog implements AutoCloseable {
  private static final String SCRIPT = "watchdog.sh";

  private final Process shell;
  private final OutputStream pipe;

  private Watchdog(Process shell) {
    this.shell = shell;
    this.pipe = shell.getOutputStream();
  }

  /// Starts the shell.
  ///
  /// @param mark the entry of the children's environment that tells this instance's from others
  public static Watchdog start(String mark, Launch launch) throws IOException {
    List<String> command = List.of("sh", "-c", script(), "steward-watchdog", mark);
    ProcessBuilder builder = new ProcessBuilder(launch.detached(command));
    builder.environment().keySet().retainAll(List.of("PATH"));
    builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
    builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    return new Watchdog(builder.start());
  }

  /// Ends `pid` with `signal` when this process dies.
  void remember(long pid, String signal) {
    tell("+ " + pid + " " + signal);
  }

  /// `pid` has ended by itself.
  void forget(long pid) {
    tell("- " + pid + " -");
  }

  /// Ends the shell. Called when no child is left.
  @Override
  public void close() {
    shell.destroyForcibly();
    try {
      var _ = shell.waitFor(1, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void tell(String line) {
    try {
      pipe.write((line + "\n").getBytes(StandardCharsets.US_ASCII));
      pipe.flush();
    } catch (IOException e) {
      // The shell was killed. The kernel's signal and the sweep of the next start remain.
      return;
    }
  }

  private static String script() throws IOException {
    try (InputStream in = Watchdog.class.getResourceAsStream(SCRIPT)) {
      if (in == null) {
        throw new IOException("the resource " + SCRIPT + " is missing");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /// The mark of an instance: a variable that all its processes inherit.
  public static Map.Entry<String, String> mark(String directory, long pid) {
    return Map.entry("STEWARD_INSTANCE", directory + "#" + pid + "#");
  }
}
