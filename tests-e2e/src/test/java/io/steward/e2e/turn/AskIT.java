package io.steward.e2e.turn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.e2e.model.Block;
import io.steward.e2e.model.Reply;
import io.steward.e2e.model.Script;
import io.steward.e2e.model.ToolOutcome;
import io.steward.e2e.stage.Answer;
import io.steward.e2e.stage.OpenSession;
import io.steward.e2e.stage.Stage;
import io.steward.e2e.stage.StageExtension;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Calls that wait for the client: confirmations and custom tools (contract, events §7.3, §8.2).
@ExtendWith(StageExtension.class)
class AskIT {
  private final Stage stage;

  AskIT(Stage stage) {
    this.stage = stage;
  }

  @Test
  void an_asked_call_waits_until_it_is_allowed() throws Exception {
    try (OpenSession session =
        stage.session(askingAgent(), Script.of(Reply.bash("echo allowed"), Reply.text("done")))) {
      JsonNode waiting = session.turn("Go");
      JsonNode call = session.listed("agent.tool_use").getFirst();
      assertEquals("ask", call.path("evaluated_permission").asText(), session::describe);
      assertEquals("requires_action", waiting.at("/stop_reason/type").asText());
      assertEquals(call.path("id"), waiting.at("/stop_reason/event_ids/0"));
      assertTrue(session.listed("agent.tool_result").isEmpty());

      Answer answer = answer(session, confirmation(call, "allow"));
      JsonNode idle = session.awaitIdle();

      assertEquals(200, answer.status(), answer.text());
      assertEquals("end_turn", idle.at("/stop_reason/type").asText());
      assertEquals(
          "allowed", OpenSession.text(session.listed("agent.tool_result").getFirst()).strip());
    }
  }

  @Test
  void a_denied_call_is_not_run_and_the_model_reads_why() throws Exception {
    try (OpenSession session =
        stage.session(askingAgent(), Script.of(Reply.bash("echo run"), Reply.text("done")))) {
      session.turn("Go");
      JsonNode call = session.listed("agent.tool_use").getFirst();
      answer(
          session,
          """
          {"type":"user.tool_confirmation","tool_use_id":"%s","result":"deny",
           "deny_message":"use staging"}
          """
              .formatted(call.path("id").asText()));
      session.awaitIdle();

      ToolOutcome outcome = session.script().requests().get(1).toolResults().getFirst();
      assertTrue(outcome.isError());
      assertTrue(outcome.text().contains("use staging"), outcome.text());
    }
  }

  @Test
  void a_partial_answer_leaves_the_rest_waiting() throws Exception {
    try (OpenSession session =
        stage.session(
            askingAgent(),
            Script.of(
                Reply.message(Block.ToolUse.bash("echo 1"), Block.ToolUse.bash("echo 2")),
                Reply.text("done")))) {
      session.turn("Go");
      List<JsonNode> calls = session.listed("agent.tool_use");
      answer(session, confirmation(calls.getFirst(), "allow"));
      JsonNode still = session.awaitIdle();

      assertEquals(1, still.at("/stop_reason/event_ids").size(), session::describe);
      assertEquals(calls.getLast().path("id"), still.at("/stop_reason/event_ids/0"));
      answer(session, confirmation(calls.getLast(), "allow"));
      JsonNode idle = session.awaitIdle();
      assertEquals("end_turn", idle.at("/stop_reason/type").asText(), session::describe);
      assertEquals(2, session.script().requests().get(1).toolResults().size());
    }
  }

  @Test
  void a_custom_tool_is_run_by_the_client() throws Exception {
    try (OpenSession session =
        stage.session(
            customAgent(),
            Script.of(Reply.tool("weather", "{\"city\":\"Bern\"}"), Reply.text("Sunny.")))) {
      JsonNode waiting = session.turn("Weather?");
      JsonNode call = session.listed("agent.custom_tool_use").getFirst();
      assertEquals("Bern", call.at("/input/city").asText());
      assertFalse(call.has("evaluated_permission"));
      assertEquals(call.path("id"), waiting.at("/stop_reason/event_ids/0"));

      Answer echo = answer(session, customResult(call, "sun"));
      session.awaitIdle();

      assertTrue(echo.body().at("/data/0/processed_at").isTextual(), echo.text());
      assertEquals("sun", session.script().requests().get(1).toolResults().getFirst().text());
    }
  }

  @Test
  void the_same_answer_again_is_the_same_event_and_another_answer_is_refused() throws Exception {
    try (OpenSession session =
        stage.session(
            customAgent(),
            Script.of(Reply.tool("weather", "{\"city\":\"Bern\"}"), Reply.text("Sunny.")))) {
      session.turn("Weather?");
      JsonNode call = session.listed("agent.custom_tool_use").getFirst();
      Answer first = answer(session, customResult(call, "sun"));
      session.awaitIdle();

      Answer again = answer(session, customResult(call, "sun"));
      Answer other = answer(session, customResult(call, "rain"));

      assertEquals(200, again.status(), again.text());
      assertEquals(first.body().at("/data/0/id"), again.body().at("/data/0/id"));
      assertEquals(400, other.status(), other.text());
      assertEquals(1, session.listed("user.custom_tool_result").size());
    }
  }

  @Test
  void a_message_to_a_waiting_session_is_refused_and_an_interrupt_closes_the_call()
      throws Exception {
    try (OpenSession session =
        stage.session(askingAgent(), Script.of(Reply.bash("echo run"), Reply.text("next")))) {
      session.turn("Go");
      Answer refused =
          answer(
              session,
              "{\"type\":\"user.message\",\"content\":[{\"type\":\"text\",\"text\":\"x\"}]}");
      session.interrupt();
      JsonNode idle = session.awaitIdle();

      assertEquals(400, refused.status(), refused.text());
      assertEquals("end_turn", idle.at("/stop_reason/type").asText());
      JsonNode result = session.listed("agent.tool_result").getFirst();
      assertTrue(result.path("is_error").asBoolean());
      assertTrue(OpenSession.text(result).contains("interrupted"), result.toString());
      session.turn("And now?");
      assertEquals("next", OpenSession.text(session.listed("agent.message").getFirst()));
    }
  }

  private Answer answer(OpenSession session, String event) throws Exception {
    return stage
        .api()
        .post("/v1/sessions/" + session.id() + "/events", "{\"events\":[" + event + "]}");
  }

  private static String confirmation(JsonNode call, String result) {
    return "{\"type\":\"user.tool_confirmation\",\"tool_use_id\":%s,\"result\":\"%s\"}"
        .formatted(call.path("id"), result);
  }

  private static String customResult(JsonNode call, String text) {
    return """
    {"type":"user.custom_tool_result","custom_tool_use_id":%s,
     "content":[{"type":"text","text":"%s"}]}
    """
        .formatted(call.path("id"), text);
  }

  private String askingAgent() throws Exception {
    return agent(
        """
        {"type":"agent_toolset_20260401",
         "default_config":{"permission_policy":{"type":"always_ask"}}}
        """);
  }

  private String customAgent() throws Exception {
    return agent(
        """
        {"type":"custom","name":"weather","description":"Tells the weather",
         "input_schema":{"type":"object","properties":{"city":{"type":"string"}}}}
        """);
  }

  private String agent(String tool) throws Exception {
    Answer answer =
        stage
            .api()
            .post(
                "/v1/agents",
                "{\"name\":\"asks\",\"model\":\"%s\",\"tools\":[%s]}".formatted(Stage.MODEL, tool));
    assertEquals(200, answer.status(), answer.text());
    return answer.id();
  }
}
