package io.steward.e2e.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.steward.e2e.stage.NpmPackages;
import io.steward.e2e.stage.Stage;
import io.steward.e2e.stage.Steward;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// The official TypeScript SDK, installed once for the run, and Node to run programs with it.
final class NodeSdk {
  private final Path directory;

  private NodeSdk(Path directory) {
    this.directory = directory;
  }

  /// Skips the test where Node or the SDK cannot be had.
  static NodeSdk installed() throws Exception {
    return new NodeSdk(
        NpmPackages.install(
            Steward.target().resolve("node"),
            "@anthropic-ai/sdk",
            System.getProperty("steward.e2e.node-sdk", "1.11.0")));
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
    NpmPackages.Ended ended = NpmPackages.execute(directory, environment, List.of("node", program));
    assertEquals(
        0, ended.exit(), () -> program + "\n" + ended.output() + stage.steward().logTail());
    return ended.output();
  }
}
