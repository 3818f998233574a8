package io.steward.e2e.turn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.anthropic.models.beta.agents.BetaManagedAgentsAgentToolset20260401Params;
import com.anthropic.models.beta.agents.BetaManagedAgentsAgentToolsetDefaultConfigParams;
import com.anthropic.models.beta.agents.BetaManagedAgentsAutoPolicy;
import com.fasterxml.jackson.databind.JsonNode;
import io.steward.e2e.model.Reply;
import io.steward.e2e.model.Script;
import io.steward.e2e.stage.Answer;
import io.steward.e2e.stage.Events;
import io.steward.e2e.stage.OpenSession;
import io.steward.e2e.stage.Stage;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// An agent whose calls are all judged, whoever judges.
record AutoAgent(Stage stage) {
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  /// Lets the model make one call and holds what comes of it against the expected judgement.
  void expect(String call, String permission, @Nullable String reasonCode) throws Exception {
    int space = call.indexOf(' ');
    Script script =
        Script.of(
            Reply.tool(call.substring(0, space), call.substring(space + 1).replace('\'', '"')),
            Reply.text("done"));
    try (OpenSession session = stage.session(create(), script)) {
      JsonNode idle = session.turn("Go");

      JsonNode use = session.listed("agent.tool_use").getFirst();
      assertEquals(permission, use.path("evaluated_permission").asText(), session::describe);
      assertEquals("auto", use.at("/evaluation/type").asText(), use.toString());
      JsonNode judgement = use.at("/evaluation/evaluated_permission");
      assertEquals(permission, judgement.path("type").asText(), use.toString());
      if (reasonCode == null) {
        assertFalse(judgement.has("reason_code"), use.toString());
      } else {
        assertEquals(reasonCode, judgement.path("reason_code").asText(), use.toString());
      }
      boolean asks = permission.equals("ask");
      assertEquals(asks ? "requires_action" : "end_turn", idle.at("/stop_reason/type").asText());
      assertEquals(asks ? 0 : 1, session.listed("agent.tool_result").size(), session::describe);
      if (permission.equals("deny")) {
        assertDenied(session, use);
      }
      if (asks) {
        session.post(Events.confirmation(use, "allow"));
        session.await(
            "session.status_idle",
            DEADLINE,
            event -> event.at("/stop_reason/type").asText().equals("end_turn"));
        assertEquals(1, session.listed("agent.tool_result").size(), session::describe);
      }
    }
  }

  private static void assertDenied(OpenSession session, JsonNode use) throws Exception {
    JsonNode result = session.listed("agent.tool_result").getFirst();
    assertTrue(result.path("is_error").asBoolean(), result.toString());
    assertEquals(use.path("id"), result.path("tool_use_id"));
    assertTrue(session.script().requests().get(1).toolResults().getFirst().isError());
    Answer late = session.post(Events.confirmation(use, "allow"));
    assertEquals(400, late.status(), "nobody can override a denial: " + late);
  }

  /// The id of a new one.
  String create() {
    return stage.createAgent(
        Stage.agent("auto")
            .addTool(
                BetaManagedAgentsAgentToolset20260401Params.builder()
                    .defaultConfig(
                        BetaManagedAgentsAgentToolsetDefaultConfigParams.builder()
                            .permissionPolicy(BetaManagedAgentsAutoPolicy.builder().build())
                            .build())
                    .build()));
  }
}
