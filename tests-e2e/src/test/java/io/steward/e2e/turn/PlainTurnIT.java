package io.steward.e2e.turn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.e2e.model.Block;
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
class PlainTurnIT {
  private static final List<String> PLAIN_TURN =
      List.of(
          "session.status_running",
          "session.thread_status_running",
          "user.message",
          "span.model_request_start",
          "agent.message",
          "span.model_request_end",
          "session.thread_status_idle",
          "session.usage",
          "session.status_idle");

  private final Stage stage;

  PlainTurnIT(Stage stage) {
    this.stage = stage;
  }

  @Test
  void a_plain_turn_shows_its_events_in_order() throws Exception {
    try (OpenSession session = stage.plainSession(Script.of(Reply.text("Hello", " there.")))) {
      JsonNode echo = session.send("Hi");
      JsonNode idle = session.awaitIdle();

      List<JsonNode> events = settled(session.seen());
      assertEquals(PLAIN_TURN, OpenSession.types(events), session::describe);
      assertEquals("user.message", echo.path("type").asText());
      assertTrue(echo.path("processed_at").isNull(), echo.toString());
      assertEquals(echo.path("id"), events.get(2).path("id"));
      assertTrue(events.get(2).path("processed_at").isTextual());
      assertEquals("Hello there.", OpenSession.text(events.get(4)));
      assertEquals(events.get(3).path("id"), events.get(5).path("model_request_start_id"));
      assertEquals("end_turn", idle.at("/stop_reason/type").asText());
      assertTrue(idle.has("stop_details") && idle.get("stop_details").isNull());
      assertEquals("end_turn", events.get(6).at("/stop_reason/type").asText());
    }
  }

  @Test
  void the_first_status_event_names_the_primary_thread() throws Exception {
    try (OpenSession session = stage.plainSession(Script.of(Reply.text("a")))) {
      session.turn("Hi");

      String thread =
          session
              .listed("session.thread_status_running")
              .getFirst()
              .path("session_thread_id")
              .asText();
      assertTrue(thread.startsWith("sthr_"), thread);
      assertEquals(
          thread,
          session
              .listed("session.thread_status_idle")
              .getFirst()
              .path("session_thread_id")
              .asText());
    }
  }

  @Test
  void the_list_is_complete_and_the_session_idle_the_moment_the_idle_event_is_seen()
      throws Exception {
    for (int i = 0; i < 10; i++) {
      try (OpenSession session = stage.plainSession(Script.of(Reply.text("a")))) {
        JsonNode idle = session.turn("Hi");
        List<JsonNode> listed = session.listed();
        JsonNode got = session.get();

        assertEquals(idle.path("id"), listed.getLast().path("id"), session::describe);
        assertEquals(PLAIN_TURN, OpenSession.types(listed), session::describe);
        assertEquals("idle", got.path("status").asText());
      }
    }
  }

  @Test
  void list_and_stream_have_the_same_events_with_the_same_ids() throws Exception {
    try (OpenSession session = stage.plainSession(Script.of(Reply.text("a")))) {
      session.turn("Hi");

      assertEquals(ids(settled(session.seen())), ids(session.listed()), session::describe);
      assertEquals(settled(session.seen()), session.listed());
    }
  }

  @Test
  void processed_at_never_decreases() throws Exception {
    try (OpenSession session =
        stage.session(Script.of(Reply.bash("true"), Reply.text("a"), Reply.text("b")))) {
      session.turn("Hi");
      session.turn("Again");

      List<java.time.OffsetDateTime> times = new ArrayList<>();
      for (JsonNode event : session.listed()) {
        times.add(java.time.OffsetDateTime.parse(event.path("processed_at").asText()));
      }
      assertEquals(times.stream().sorted().toList(), times);
    }
  }

  @Test
  void the_model_reads_the_whole_session_in_the_next_turn() throws Exception {
    try (OpenSession session =
        stage.plainSession(Script.of(Reply.text("Blue."), Reply.text("As I said.")))) {
      session.turn("What is your colour?");
      session.turn("Sure?");

      ModelRequest second = session.script().requests().get(1);
      List<String> texts = second.body().path("messages").findValuesAsText("text");
      assertEquals(1, second.assistantMessages());
      assertEquals(List.of("Sure?"), second.newestUserTexts());
      assertTrue(texts.contains("Blue.") || second.body().toString().contains("Blue."));
      assertEquals(2, session.listed("agent.message").size());
    }
  }

  @Test
  void usage_counts_every_request_of_the_session() throws Exception {
    Reply.Tokens tokens = new Reply.Tokens(100, 20, 30, 40);
    try (OpenSession session =
        stage.session(
            Script.of(Reply.bash("true").counting(tokens), Reply.text("done").counting(tokens)))) {
      session.turn("Hi");

      JsonNode span = session.listed("span.model_request_end").getFirst();
      assertEquals(100, span.at("/model_usage/input_tokens").asInt());
      assertEquals(20, span.at("/model_usage/output_tokens").asInt());
      assertEquals(30, span.at("/model_usage/cache_creation_input_tokens").asInt());
      assertEquals(40, span.at("/model_usage/cache_read_input_tokens").asInt());
      assertFalse(span.path("is_error").asBoolean());
      JsonNode usage = session.listed("session.usage").getFirst();
      JsonNode resource = session.get().path("usage");
      for (JsonNode total : List.of(usage.path("usage"), resource)) {
        assertEquals(200, total.path("input_tokens").asInt(), total.toString());
        assertEquals(40, total.path("output_tokens").asInt());
        assertEquals(80, total.path("cache_read_input_tokens").asInt());
        assertEquals(60, total.at("/cache_creation/ephemeral_5m_input_tokens").asInt());
      }
      assertTrue(usage.has("budget") || usage.path("budget").isMissingNode());
    }
  }

  @Test
  void thinking_shows_as_a_signal_without_text_and_goes_back_to_the_model_signed()
      throws Exception {
    try (OpenSession session =
        stage.session(
            Script.of(
                Reply.message(
                    new Block.Thinking("secret reasoning", "sig-42"), Block.ToolUse.bash("true")),
                Reply.text("done")))) {
      session.turn("Think");

      JsonNode thinking = session.listed("agent.thinking").getFirst();
      assertFalse(thinking.toString().contains("secret reasoning"));
      assertTrue(
          session.script().requests().get(1).body().toString().contains("sig-42"),
          "the signature comes back");
    }
  }

  @Test
  void the_second_turn_says_running_once_and_idle_once() throws Exception {
    try (OpenSession session =
        stage.session(
            Script.of(Reply.bash("true"), Reply.bash("true"), Reply.text("a"), Reply.text("b")))) {
      session.turn("One");
      session.turn("Two");

      assertEquals(2, session.listed("session.status_running").size());
      assertEquals(2, session.listed("session.status_idle").size());
      assertEquals(4, session.listed("span.model_request_start").size());
    }
  }

  /// The stream may also show the queued copy of a client's event, before the processed one.
  private static List<JsonNode> settled(List<JsonNode> events) {
    return events.stream().filter(event -> !event.path("processed_at").isNull()).toList();
  }

  private static List<String> ids(List<JsonNode> events) {
    return events.stream().map(event -> event.path("id").asText()).toList();
  }
}
