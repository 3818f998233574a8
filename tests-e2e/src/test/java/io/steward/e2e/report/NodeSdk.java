package io.steward.e2e.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.steward.e2e.stage.Stage;
import io.steward.e2e.stage.Steward;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/// The official TypeScript SDK, installed once for the run, and Node to run programs with it.
final class NodeSdk {
  private static final int SECONDS_MAX = 120;

  private final Path directory;

  private NodeSdk(Path directory) {
    this.directory = directory;
  }

  /// Skips the test where Node or the SDK cannot be had.
  static NodeSdk installed() throws Exception {
    assumeTrue(isThere("npm"), "npm is not installed, so the TypeScript SDK cannot be tried");
    Path directory = Files.createDirectories(Steward.target().resolve("node"));
    String version = System.getProperty("steward.e2e.node-sdk", "1.11.0");
    if (!Files.exists(directory.resolve("node_modules/@anthropic-ai/sdk/package.json"))) {
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
                  "@anthropic-ai/sdk@" + version));
      assumeTrue(
          install.exit() == 0, () -> "the TypeScript SDK cannot be installed: " + install.output());
    }
    return new NodeSdk(directory);
  }

  /// Runs the program of this name among the test resources against the stage; answers what it
  /// printed.
  String run(Stage stage, String program, Map<String, String> more) throws Exception {
    try (InputStream source = NodeSdk.class.getResourceAsStream("/node/" + program)) {
      Files.copy(
          Objects.requireNonNull(source),
          directory.resolve(program),
          StandardCopyOption.REPLACE_EXISTING);
    }
    Map<String, String> environment = new HashMap<>(more);
    environment.put("STEWARD_URL", stage.steward().baseUrl());
    environment.put("STEWARD_KEY", Steward.API_KEY);
    Ended ended = execute(directory, environment, List.of("node", program));
    assertEquals(
        0, ended.exit(), () -> program + "\n" + ended.output() + stage.steward().logTail());
    return ended.output();
  }

  /// @param exit the exit code; -1 when it had to be killed
  private record Ended(int exit, String output) {}

  private static Ended execute(
      Path directory, Map<String, String> environment, List<String> command) throws Exception {
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
