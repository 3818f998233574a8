package io.steward.e2e.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.e2e.model.Block;
import io.steward.e2e.model.Reply;
import io.steward.e2e.model.Script;
import io.steward.e2e.stage.ModelsFile;
import io.steward.e2e.stage.NodeSdk;
import io.steward.e2e.stage.Stage;
import io.steward.e2e.stage.StageExtension;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The official TypeScript SDK, unmodified, through one life of a session.
@ExtendWith(StageExtension.class)
class NodeSdkIT {
  private static final Duration BETWEEN_PIECES = Duration.ofMillis(20);
  private static final int PIECES = 40;

  private final Stage stage;

  NodeSdkIT(Stage stage) {
    this.stage = stage;
  }

  @Test
  void the_typescript_sdk_runs_a_session_and_its_tool_runner_ends_by_itself() throws Exception {
    NodeSdk sdk = NodeSdk.installed();
    Script script =
        stage
            .model()
            .play(
                Script.of(
                    Reply.text("Hello."),
                    Reply.tool("weather", "{\"city\":\"Bern\"}"),
                    Reply.text("It is sunny.")));

    String output =
        sdk.run(stage, "smoke.mjs", Map.of("MODEL", Stage.MODEL, "MARKER", script.marker()));

    assertTrue(output.contains("smoke ok"), output);
    assertEquals(List.of(), script.faults());
    assertEquals("sunny in Bern", script.requests().getLast().toolResults().getFirst().text());
  }

  @ParameterizedTest
  @ValueSource(strings = {"claude-opus-5-5", ModelsFile.CHAT_MODEL})
  void the_accumulate_helper_folds_the_previews_of_a_session(String model) throws Exception {
    NodeSdk sdk = NodeSdk.installed();
    String[] pieces =
        IntStream.range(0, PIECES).mapToObj(i -> "piece " + i + " ").toArray(String[]::new);
    Script script =
        stage
            .model()
            .play(
                Script.of(
                    Reply.message(
                            new Block.Thinking("hm", "sig-node"),
                            Block.Text.of(pieces),
                            Block.ToolUse.of("weather", Map.of("city", "Bern")))
                        .pausing(BETWEEN_PIECES),
                    Reply.text(pieces).pausing(BETWEEN_PIECES)));

    String output =
        sdk.run(stage, "previews.mjs", Map.of("MODEL", model, "MARKER", script.marker()));

    assertTrue(output.contains("previews ok"), output);
    assertEquals(List.of(), script.faults());
    System.out.println(model + ": " + output.strip());
  }
}
