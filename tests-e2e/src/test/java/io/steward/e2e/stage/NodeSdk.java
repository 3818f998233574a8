package io.steward.e2e.stage;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// The official TypeScript SDK, installed once for the run, and Node to run programs with it.
public final class NodeSdk {
  private final Path directory;

  private NodeSdk(Path directory) {
    this.directory = directory;
  }

  /// Skips the test where Node or the SDK cannot be had.
  public static NodeSdk installed() throws Exception {
    return new NodeSdk(
        NpmPackages.install(
            Steward.target().resolve("node"),
            "@anthropic-ai/sdk",
            System.getProperty("steward.e2e.node-sdk", "1.11.0")));
  }

  /// Runs the program of this name among the test resources against the stage; answers what it
  /// printed.
  public String run(Stage stage, String program, Map<String, String> more) throws Exception {
    copy(program);
    Map<String, String> environment = new HashMap<>(more);
    environment.put("STEWARD_URL", stage.running().baseUrl());
    environment.put("STEWARD_KEY", Steward.API_KEY);
    NpmPackages.Ended ended = NpmPackages.execute(directory, environment, List.of("node", program));
    assertEquals(
        0, ended.exit(), () -> program + "\n" + ended.output() + stage.running().logTail());
    return ended.output();
  }

  /// Starts the program of this name among the test resources and leaves it to the caller.
  ///
  /// @param log gets what it prints
  public Process start(String program, Map<String, String> environment, Path log) throws Exception {
    copy(program);
    ProcessBuilder builder =
        new ProcessBuilder("node", program)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().remove("ANTHROPIC_API_KEY");
    builder.environment().putAll(environment);
    return builder.start();
  }

  private void copy(String program) throws Exception {
    try (InputStream source = NodeSdk.class.getResourceAsStream("/node/" + program)) {
      Files.copy(
          Objects.requireNonNull(source),
          directory.resolve(program),
          StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
