package io.steward.e2e.turn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.e2e.model.Gate;
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
class QueueIT {
  private final Stage stage;

  QueueIT(Stage stage) {
    this.stage = stage;
  }

  @Test
  void messages_that_arrive_while_it_runs_are_handled_in_order() throws Exception {
    Gate gate = new Gate();
    Script script =
        Script.answering(request ->
            request.number() == 1
                ? Reply.text("first", "!").heldBy(gate)
                : Reply.text("answer " + request.number()));
    try (OpenSession session = stage.plainSession(script)) {
      session.send("one");
      script.awaitRequest(1);
      JsonNode second = session.send("two");
      JsonNode third = session.send("three");
      assertTrue(second.path("processed_at").isNull(), second.toString());
      assertEquals("running", session.get().path("status").asText());
      gate.open();
      awaitQuiet(session, 3);

      List<String> order = new ArrayList<>();
      for (JsonNode event : session.listed("user.message")) {
        order.add(OpenSession.text(event).replace(" " + script.marker(), ""));
      }
      assertEquals(List.of("one", "two", "three"), order, session::describe);
      assertEquals(
          List.of(second.path("id"), third.path("id")),
          session.listed("user.message").subList(1, 3).stream().map(e -> e.path("id")).toList());
      assertTrue(asked(script).containsAll(List.of("two", "three")), asked(script).toString());
    }
  }

  @Test
  void a_queued_message_is_listed_once_and_last_until_it_is_handled() throws Exception {
    Gate gate = new Gate();
    Script script =
        Script.answering(request ->
            request.number() == 1 ? Reply.text("a", "b").heldBy(gate) : Reply.text("ok"));
    try (OpenSession session = stage.plainSession(script)) {
      session.send("one");
      script.awaitRequest(1);
      JsonNode queued = session.send("two");

      List<JsonNode> before = session.listed();
      assertEquals(queued.path("id"), before.getLast().path("id"), session::describe);
      assertTrue(before.getLast().path("processed_at").isNull());
      gate.open();
      awaitQuiet(session, 2);
      List<JsonNode> after =
          session.listed().stream().filter(e -> e.path("id").equals(queued.path("id"))).toList();
      assertEquals(1, after.size());
      assertTrue(after.getFirst().path("processed_at").isTextual());
    }
  }

  @Test
  void a_message_sent_while_a_tool_runs_is_read_after_its_result() throws Exception {
    Script script =
        Script.answering(
            request -> request.number() == 1 ? Reply.bash("sleep 1; echo done") : Reply.text("ok"));
    try (OpenSession session = stage.session(script)) {
      session.send("one");
      session.await("agent.tool_use");
      session.send("two");
      awaitQuiet(session, 2);

      assertTrue(asked(script).contains("two"), session::describe);
      assertEquals(1, session.listed("agent.tool_result").size());
    }
  }

  @Test
  void two_messages_in_one_send_are_both_read() throws Exception {
    Script script = Script.answering(request -> Reply.text("ok " + request.number()));
    try (OpenSession session = stage.plainSession(script)) {
      stage
          .api()
          .post(
              "/v1/sessions/" + session.id() + "/events",
              """
              {"events":[{"type":"user.message","content":[{"type":"text","text":"%s"}]},
                         {"type":"user.message","content":[{"type":"text","text":"beta"}]}]}
              """
                  .formatted(script.marked("alpha")));
      awaitQuiet(session, 2);

      assertTrue(asked(script).contains("beta"), session::describe);
      assertEquals(2, session.listed("user.message").size());
    }
  }

  /// Waits until the session is idle and has processed this many messages, whether it took them in
  /// one turn or in several.
  private static void awaitQuiet(OpenSession session, int messages) throws Exception {
    int processed = 0;
    while (processed < messages) {
      session.await("user.message");
      processed =
          (int)
              session.seen().stream()
                  .filter(e -> e.path("type").asText().equals("user.message"))
                  .filter(e -> e.path("processed_at").isTextual())
                  .count();
    }
    session.awaitIdle();
  }

  private static List<String> asked(Script script) {
    return script.requests().stream()
        .flatMap(request -> request.newestUserTexts().stream())
        .toList();
  }
}
