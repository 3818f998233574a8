package io.steward.e2e.turn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.e2e.model.Gate;
import io.steward.e2e.model.ModelRequest;
import io.steward.e2e.model.Reply;
import io.steward.e2e.model.Script;
import io.steward.e2e.stage.OpenSession;
import io.steward.e2e.stage.Stage;
import io.steward.e2e.stage.StageExtension;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(StageExtension.class)
class InterruptIT {

  private final Stage stage;

  InterruptIT(Stage stage) {
    this.stage = stage;
  }

  @Test
  void an_interrupt_stops_the_model_call_and_ends_the_turn() throws Exception {
    Script script = Script.of(Reply.text("never", "said").heldBy(new Gate()), Reply.text("next"));
    try (OpenSession session = stage.plainSession(script)) {
      session.send("Talk");
      ModelRequest request = script.awaitRequest(1);
      session.await("span.model_request_start");
      JsonNode echo = session.interrupt();
      JsonNode idle = session.awaitIdle();

      assertEquals(ModelRequest.Ending.HUNG_UP, Script.ending(request));
      assertEquals("end_turn", idle.at("/stop_reason/type").asText());
      List<String> types = OpenSession.types(session.listed());
      assertFalse(types.contains("agent.message"), session::describe);
      assertTrue(types.contains("span.model_request_end"), session::describe);
      JsonNode applied = session.listed("user.interrupt").getFirst();
      assertEquals(echo.path("id"), applied.path("id"));
      assertTrue(applied.path("processed_at").isTextual());
      assertEquals(
          List.of("session.thread_status_idle", "session.usage", "session.status_idle"),
          types.subList(types.size() - 3, types.size()));
      session.turn("And now?");
      assertEquals("next", OpenSession.text(session.listed("agent.message").getFirst()));
    }
  }

  @Test
  void an_interrupt_ends_a_long_command() throws Exception {
    Script script =
        Script.of(Reply.bash("echo begun; sleep 600"), Reply.bash("echo alive"), Reply.text("ok"));
    try (OpenSession session = stage.session(script)) {
      session.send("Sleep");
      session.await("agent.tool_use");
      interruptOnceRunning(session);

      JsonNode result = session.listed("agent.tool_result").getFirst();
      assertTrue(result.path("is_error").asBoolean(), session::describe);
      assertEquals(1, script.requests().size());
      session.turn("Still there?");
      assertEquals("ok", OpenSession.text(session.listed("agent.message").getFirst()));
    }
  }

  @Test
  void an_interrupt_ends_a_long_command_while_fifty_sessions_run() throws Exception {
    Gate gate = new Gate();
    List<OpenSession> others = new ArrayList<>();
    try {
      for (int i = 0; i < 50; i++) {
        Script busy =
            Script.answering(request ->
                gateIsFor(request) ? Reply.text("a", "b").heldBy(gate) : Reply.text("ok"));
        OpenSession other = stage.plainSession(busy);
        others.add(other);
        other.send("work");
      }
      for (OpenSession other : others) {
        other.script().awaitRequest(1);
      }
      try (OpenSession session =
          stage.session(Script.of(Reply.bash("sleep 600"), Reply.text("ok")))) {
        session.send("Sleep");
        session.await("agent.tool_use");
        interruptOnceRunning(session);
      }
      gate.open();
      for (OpenSession other : others) {
        other.awaitIdle();
      }
    } finally {
      gate.open();
      others.forEach(OpenSession::close);
    }
  }

  @Test
  void steering_ends_the_turn_and_starts_the_next_with_the_new_message() throws Exception {
    Script script =
        Script.of(Reply.text("wrong", "way").heldBy(new Gate()), Reply.text("right way"));
    try (OpenSession session = stage.plainSession(script)) {
      session.send("Go left");
      script.awaitRequest(1);
      session.await("span.model_request_start");
      List<JsonNode> echoes = session.interruptAndSend("Go right");
      JsonNode first = session.awaitIdle();
      session.awaitIdle();

      assertEquals(List.of("user.interrupt", "user.message"), OpenSession.types(echoes));
      assertEquals("end_turn", first.at("/stop_reason/type").asText());
      assertEquals("right way", OpenSession.text(session.listed("agent.message").getFirst()));
      List<String> asked = script.requests().get(1).newestUserTexts();
      assertEquals("Go right", asked.getLast(), session::describe);
      assertEquals(2, session.listed("session.status_running").size());
    }
  }

  @Test
  void steering_away_from_a_running_command_answers_its_call_once() throws Exception {
    Script script = Script.of(Reply.bash("sleep 600"), Reply.text("stopped"));
    try (OpenSession session = stage.session(script)) {
      session.send("Sleep");
      session.await("agent.tool_use");
      session.interruptAndSend("Do something else");
      session.await("agent.message");
      session.awaitIdle();

      assertEquals(1, session.listed("agent.tool_result").size(), session::describe);
      assertEquals(1, script.requests().get(1).toolResults().size());
      assertTrue(script.requests().get(1).newestUserTexts().contains("Do something else"));
    }
  }

  @Test
  void an_interrupt_while_idle_changes_nothing() throws Exception {
    Script script = Script.of(Reply.text("a"), Reply.text("b"));
    try (OpenSession session = stage.plainSession(script)) {
      session.turn("One");
      session.interrupt();
      assertEquals("idle", session.get().path("status").asText());
      session.turn("Two");

      assertEquals(2, session.listed("session.status_running").size(), session::describe);
      assertEquals(2, session.listed("agent.message").size());
    }
  }

  @Test
  void a_queued_message_survives_an_interrupt() throws Exception {
    Script script = Script.of(Reply.text("a", "b").heldBy(new Gate()), Reply.text("kept"));
    try (OpenSession session = stage.plainSession(script)) {
      session.send("One");
      script.awaitRequest(1);
      session.send("Two");
      session.interrupt();
      session.await("agent.message");
      session.awaitIdle();

      assertTrue(script.requests().get(1).newestUserTexts().contains("Two"), session::describe);
    }
  }

  private static void interruptOnceRunning(OpenSession session) throws InterruptedException {
    long sentAt = System.nanoTime();
    session.interrupt();
    JsonNode idle = session.awaitIdle();
    System.out.printf(
        "interrupt to idle: %d ms (target 1,000)%n",
        (session.arrivalNanos(idle) - sentAt) / 1_000_000);
  }

  private static boolean gateIsFor(ModelRequest request) {
    return request.number() == 1;
  }
}
