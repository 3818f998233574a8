package io.steward.e2e.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.steward.e2e.model.Reply;
import io.steward.e2e.model.Script;
import io.steward.e2e.stage.Stage;
import io.steward.e2e.stage.StageExtension;
import io.steward.e2e.stage.Steward;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// The official TypeScript SDK, unmodified, through one life of a session.
@ExtendWith(StageExtension.class)
class NodeSdkIT {
  private static final int SECONDS_MAX = 120;

  private final Stage stage;

  NodeSdkIT(Stage stage) {
    this.stage = stage;
  }

  @Test
  void the_typescript_sdk_runs_a_session_and_its_tool_runner_ends_by_itself() throws Exception {
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
    try (InputStream smoke = NodeSdkIT.class.getResourceAsStream("/node/smoke.mjs")) {
      Files.copy(
          Objects.requireNonNull(smoke),
          directory.resolve("smoke.mjs"),
          StandardCopyOption.REPLACE_EXISTING);
    }
    Script script =
        stage
            .model()
            .play(
                Script.of(
                    Reply.text("Hello."),
                    Reply.tool("weather", "{\"city\":\"Bern\"}"),
                    Reply.text("It is sunny.")));

    String output =
        run(
            directory,
            Map.of(
                "STEWARD_URL",
                stage.steward().baseUrl(),
                "STEWARD_KEY",
                Steward.API_KEY,
                "MODEL",
                Stage.MODEL,
                "MARKER",
                script.marker()),
            List.of("node", "smoke.mjs"));

    assertTrue(output.contains("smoke ok"), output);
    assertEquals(List.of(), script.faults());
    assertEquals("sunny in Bern", script.requests().getLast().toolResults().getFirst().text());
  }

  private String run(Path directory, Map<String, String> environment, List<String> command)
      throws Exception {
    Ended ended = execute(directory, environment, command);
    assertEquals(
        0, ended.exit(), () -> command + "\n" + ended.output() + stage.steward().logTail());
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
