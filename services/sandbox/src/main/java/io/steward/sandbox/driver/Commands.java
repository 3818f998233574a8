package io.steward.sandbox.driver;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// Runs small programs of the host with an empty environment.
public final class Commands {
  private static final long SECONDS_MAX = 300;
  private static final List<String> DIRECTORIES =
      List.of("/usr/bin", "/bin", "/usr/local/bin", "/usr/sbin", "/sbin");

  private Commands() {}

  /// What `command` wrote to its standard output.
  ///
  /// @throws IOException when it fails or takes more than five minutes
  public static String run(List<String> command) throws IOException {
    Output output = output(command);
    if (output.code() != 0) {
      throw new IOException(command.getFirst() + " ended with code " + output.code());
    }
    return output.text();
  }

  /// What a program wrote to its standard output, and its exit code.
  public record Output(String text, int code) {}

  /// Like [#run], for programs that may fail in part.
  ///
  /// @throws IOException when it takes more than five minutes
  public static Output output(List<String> command) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().clear();
    builder.environment().put("PATH", String.join(":", DIRECTORIES));
    builder.environment().put("LC_ALL", "C");
    builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    Process process = builder.start();
    process.getOutputStream().close();
    try {
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
        throw new IOException(command.getFirst() + " took too long");
      }
      return new Output(output, process.exitValue());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for " + command.getFirst(), e);
    } finally {
      process.destroyForcibly();
    }
  }

  /// Where the host has the program `name`.
  public static Optional<Path> find(String name) {
    return Stream.concat(
            DIRECTORIES.stream(),
            Stream.of(Optional.ofNullable(System.getenv("PATH")).orElse("").split(":")))
        .filter(directory -> directory.startsWith("/"))
        .map(directory -> Path.of(directory, name))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /// Whether this process runs as root.
  public static boolean isRoot() {
    try {
      return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }
}
