package io.steward.e2e.turn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.e2e.model.Block;
import io.steward.e2e.model.Reply;
import io.steward.e2e.model.Script;
import io.steward.e2e.stage.OpenSession;
import io.steward.e2e.stage.Stage;
import io.steward.e2e.stage.StageExtension;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// The ways in which a model stops, and what it thought on the way (contract, events §6.3).
@ExtendWith(StageExtension.class)
class StopReasonIT {
  private final Stage stage;

  StopReasonIT(Stage stage) {
    this.stage = stage;
  }

  @Test
  void a_refusal_between_tool_rounds_ends_the_turn_with_its_details() throws Exception {
    Script script =
        Script.of(Reply.bash("true"), Reply.refusal("bio", "not that"), Reply.text("gladly"));
    try (OpenSession session = stage.session(script)) {
      JsonNode idle = session.turn("Go");

      JsonNode thread = session.listed("session.thread_status_idle").getLast();
      for (JsonNode event : List.of(idle, thread)) {
        assertEquals("refusal", event.at("/stop_reason/type").asText(), session::describe);
        assertEquals("refusal", event.at("/stop_details/type").asText());
        assertEquals("bio", event.at("/stop_details/category").asText());
        assertEquals("not that", event.at("/stop_details/explanation").asText());
      }
      session.turn("Something else");
      assertEquals("gladly", OpenSession.text(session.listed("agent.message").getLast()));
      assertFalse(
          script.requests().getLast().text().contains("I will not do that"),
          "what was refused is no part of the conversation");
    }
  }

  @Test
  void a_reply_cut_at_the_token_limit_is_continued() throws Exception {
    Script script = Script.of(Reply.text("half a").stoppedBy("max_tokens"), Reply.text(" loaf"));
    try (OpenSession session = stage.plainSession(script)) {
      JsonNode idle = session.turn("Tell");

      assertEquals("end_turn", idle.at("/stop_reason/type").asText(), session::describe);
      assertEquals(2, script.requests().size(), session::describe);
      assertTrue(script.requests().get(1).text().contains("half a"));
      List<JsonNode> messages = session.listed("agent.message");
      assertEquals(List.of("half a", " loaf"), messages.stream().map(OpenSession::text).toList());
    }
  }

  @Test
  void a_tool_call_cut_at_the_token_limit_is_not_run() throws Exception {
    Script script =
        Script.of(
            Reply.message(
                    Block.Text.of("Now"), new Block.HalfToolUse("bash", "{\"command\":\"echo ha"))
                .stoppedBy("max_tokens"),
            Reply.bash("echo whole"),
            Reply.text("done"));
    try (OpenSession session = stage.session(script)) {
      JsonNode idle = session.turn("Go");

      assertEquals("end_turn", idle.at("/stop_reason/type").asText(), session::describe);
      List<JsonNode> calls = session.listed("agent.tool_use");
      assertEquals(1, calls.size(), session::describe);
      assertEquals("echo whole", calls.getFirst().at("/input/command").asText());
    }
  }

  @Test
  void a_reply_of_nothing_but_a_cut_tool_call_ends_the_turn() throws Exception {
    Script script =
        Script.answering(request ->
            request.number() > 20
                ? null
                : Reply.message(new Block.HalfToolUse("bash", "{\"command\":\"echo ha"))
                    .stoppedBy("max_tokens"));
    try (OpenSession session = stage.session(script)) {
      session.turn("Go");

      assertEquals(List.of(), session.listed("agent.tool_use"), session::describe);
    }
  }

  @Test
  void a_paused_turn_is_resumed_with_what_was_said_so_far() throws Exception {
    Script script =
        Script.of(
            Reply.text("searching").stoppedBy("pause_turn"),
            Reply.text("still searching").stoppedBy("pause_turn"),
            Reply.text("found"),
            Reply.text("next"));
    try (OpenSession session = stage.plainSession(script)) {
      JsonNode idle = session.turn("Find");

      assertEquals("end_turn", idle.at("/stop_reason/type").asText(), session::describe);
      assertEquals(1, session.listed("session.status_idle").size());
      assertEquals(3, script.requests().size());
      JsonNode messages = script.requests().get(2).body().path("messages");
      assertEquals("assistant", messages.path(messages.size() - 1).path("role").asText());
      assertTrue(script.requests().get(2).text().contains("still searching"));
      session.turn("And now?");
      assertTrue(script.requests().getLast().text().contains("found"));
    }
  }

  @Test
  void thinking_comes_back_signed_in_every_round_of_a_turn() throws Exception {
    Script script =
        Script.of(
            thinking("one", "sig-1"),
            thinking("two", "sig-2"),
            Reply.message(
                new Block.Thinking("three", "sig-3"),
                Block.Text.of("Both."),
                Block.ToolUse.bash("echo 3"),
                Block.ToolUse.bash("echo 4")),
            Reply.text("done"),
            Reply.text("again"));
    try (OpenSession session = stage.session(script)) {
      session.turn("Think");
      session.turn("More");

      String last = script.requests().get(3).text();
      for (String signature : List.of("sig-1", "sig-2", "sig-3")) {
        assertTrue(last.contains(signature), last);
      }
      assertEquals(3, session.listed("agent.thinking").size(), session::describe);
    }
  }

  private static Reply thinking(String thought, String signature) {
    return Reply.message(
        new Block.Thinking(thought, signature), Block.ToolUse.bash("echo " + thought));
  }
}
