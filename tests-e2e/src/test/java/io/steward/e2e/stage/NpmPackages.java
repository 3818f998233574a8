package io.steward.e2e.stage;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Programs of the npm registry that tests try Steward with, and Node to run them.
public final class NpmPackages {
  private static final int SECONDS_MAX = 120;

  private NpmPackages() {}

  /// Installs a package, unless it is there, and answers the directory with its `node_modules`.
  /// Skips the test where it cannot be had.
  public static Path install(Path directory, String name, String version) throws Exception {
    assumeTrue(isThere("npm"), () -> "npm is not installed, so " + name + " cannot be tried");
    Files.createDirectories(directory);
    if (!Files.exists(directory.resolve("node_modules").resolve(name).resolve("package.json"))) {
      Ended install =
          execute(
              directory,
              Map.of(),
              List.of(
                  "npm",
                  "install",
                  "--no-audit",
                  "--no-fund",
                  "--fetch-retries=1",
                  "--fetch-timeout=20000",
                  "--prefix",
                  ".",
                  name + "@" + version));
      assumeTrue(install.exit() == 0, () -> name + " cannot be installed: " + install.output());
    }
    return directory;
  }

  /// @param exit the exit code; -1 when it had to be killed
  public record Ended(int exit, String output) {}

  /// Runs a program to its end.
  public static Ended execute(Path directory, Map<String, String> environment, List<String> command)
      throws Exception {
    Path log = directory.resolve(command.getFirst() + ".out");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    boolean ended = process.waitFor(SECONDS_MAX, TimeUnit.SECONDS);
    process.destroyForcibly();
    return new Ended(
        ended ? process.exitValue() : -1, Files.readString(log, StandardCharsets.UTF_8));
  }

  private static boolean isThere(String program) throws InterruptedException {
    try {
      return new ProcessBuilder(program, "--version").start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
