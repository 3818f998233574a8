package io.steward.e2e.turn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.steward.e2e.model.Block;
import io.steward.e2e.model.Gate;
import io.steward.e2e.model.Reply;
import io.steward.e2e.model.Script;
import io.steward.e2e.stage.Answer;
import io.steward.e2e.stage.OpenSession;
import io.steward.e2e.stage.RawStream;
import io.steward.e2e.stage.Stage;
import io.steward.e2e.stage.StageExtension;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The streams byte by byte (contract, events §3).
@ExtendWith(StageExtension.class)
class StreamIT {
  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final Duration PING_WITHIN = Duration.ofSeconds(16);
  private static final String PLACE = "[A-Za-z0-9_-]+\\.\\d+\\.\\d+\\.\\d+";
  private static final Pattern FRAME =
      Pattern.compile("event: [a-z_.]+\nid: " + PLACE + "\ndata: \\{[^\n]*}\n\n");

  private final Stage stage;

  StreamIT(Stage stage) {
    this.stage = stage;
  }

  @Test
  void every_frame_is_an_event_line_its_place_one_data_line_and_a_blank_line() throws Exception {
    try (OpenSession session =
            stage.session(Script.of(Reply.bash("printf 'a\\nb\\n'"), Reply.text("line\nbreak")));
        RawStream stream = RawStream.open(stage.api(), streamOf(session))) {
      session.turn("Hi");

      List<RawStream.Frame> frames = untilIdle(stream);
      assertTrue(
          stream.headers().firstValue("content-type").orElse("").startsWith("text/event-stream"));
      assertTrue(stream.headers().firstValue("request-id").orElse("").startsWith("req_"));
      for (RawStream.Frame frame : frames) {
        assertTrue(FRAME.matcher(frame.raw()).matches(), frame.raw());
        assertEquals(frame.event(), frame.data().path("type").asText());
      }
    }
  }

  @Test
  void every_required_key_of_an_event_is_there() throws Exception {
    try (OpenSession session = stage.session(Script.of(Reply.bash("true"), Reply.text("a")));
        RawStream stream = RawStream.open(stage.api(), streamOf(session))) {
      session.turn("Hi");

      Map<String, List<String>> required =
          Map.of(
              "session.status_idle", List.of("id", "processed_at", "stop_reason", "stop_details"),
              "session.thread_status_idle",
                  List.of("session_thread_id", "agent_name", "stop_reason", "stop_details"),
              "span.model_request_end",
                  List.of("model_request_start_id", "is_error", "model_usage", "processed_at"),
              "agent.tool_use", List.of("id", "name", "input", "processed_at"),
              "agent.tool_result", List.of("id", "tool_use_id", "processed_at"),
              "session.usage", List.of("id", "usage", "processed_at"));
      Map<String, JsonNode> byType = new TreeMap<>();
      untilIdle(stream).forEach(frame -> byType.put(frame.event(), frame.data()));
      required.forEach((type, keys) ->
          keys.forEach(key -> assertTrue(of(byType, type).has(key), type + "." + key)));
      assertFalse(of(byType, "agent.message").has("model"));
    }
  }

  @Test
  void an_idle_stream_pings_within_fifteen_seconds() throws Exception {
    try (OpenSession session = stage.plainSession(Script.of());
        RawStream stream = RawStream.open(stage.api(), streamOf(session))) {
      RawStream.Frame begin = stream.next(DEADLINE);
      RawStream.Frame ping = stream.next(PING_WITHIN);

      assertTrue(
          begin.raw().matches("event: ping\nid: " + PLACE + "\ndata: \\{\"type\":\"ping\"}\n\n"),
          begin.raw());
      assertEquals("event: ping\ndata: {\"type\":\"ping\"}\n\n", ping.raw());
    }
  }

  @Test
  void a_stream_shows_only_what_happens_after_it_opened() throws Exception {
    try (OpenSession session = stage.plainSession(Script.of(Reply.text("a"), Reply.text("b")))) {
      session.turn("One");
      try (RawStream late = RawStream.open(stage.api(), streamOf(session))) {
        session.turn("Two");

        List<String> texts =
            untilIdle(late).stream()
                .filter(frame -> frame.event().equals("agent.message"))
                .map(frame -> OpenSession.text(frame.data()))
                .toList();
        assertEquals(List.of("b"), texts);
      }
    }
  }

  @Test
  void a_message_sent_right_after_the_headers_is_never_missed() throws Exception {
    for (int i = 0; i < 20; i++) {
      Script script = stage.model().play(Script.of(Reply.text("a")));
      String id = stage.createSession(stage.plainAgentId());
      try (OpenSession session = OpenSession.attach(stage, id, script)) {
        session.turn("Hi");

        assertTrue(session.seenTypes().contains("session.status_running"), session::describe);
        assertTrue(session.seenTypes().contains("user.message"), session::describe);
      }
    }
  }

  @Test
  void previews_come_between_the_start_of_the_request_and_the_message_and_are_its_prefix()
      throws Exception {
    Gate gate = new Gate();
    try (OpenSession session =
            stage.plainSession(Script.of(Reply.text("One ", "two ", "three.").heldBy(gate)));
        RawStream stream =
            RawStream.open(stage.api(), streamOf(session) + "?event_deltas%5B%5D=agent.message")) {
      session.send("Count");
      List<RawStream.Frame> frames = new ArrayList<>(until(stream, "event_delta"));
      gate.open(); // The model speaks on only once a first piece of its text has been seen.
      session.awaitIdle();
      frames.addAll(untilIdle(stream));

      List<String> types = frames.stream().map(RawStream.Frame::event).toList();
      int start = types.indexOf("event_start");
      int message = types.indexOf("agent.message");
      assertTrue(start > types.indexOf("span.model_request_start"), types.toString());
      assertTrue(message > start, types.toString());
      JsonNode announced = frames.get(start).data().path("event");
      assertEquals("agent.message", announced.path("type").asText());
      assertEquals(frames.get(message).data().path("id"), announced.path("id"));
      StringBuilder deltas = new StringBuilder();
      for (RawStream.Frame frame : frames) {
        if (frame.event().equals("event_delta")) {
          assertEquals(announced.path("id"), frame.data().path("event_id"));
          assertEquals("content_delta", frame.data().at("/delta/type").asText());
          deltas.append(frame.data().at("/delta/content/text").asText());
        }
      }
      assertTrue("One two three.".startsWith(deltas.toString()), deltas.toString());
      assertFalse(deltas.isEmpty());
      assertFalse(session.seenTypes().contains("event_delta"), "previews are opt-in");
      assertFalse(OpenSession.types(session.listed()).contains("event_start"));
    }
  }

  @Test
  void previews_of_a_tool_call_show_only_its_text() throws Exception {
    try (OpenSession session =
            stage.session(
                Script.of(
                    Reply.message(Block.Text.of("Look", "ing"), Block.ToolUse.bash("true")),
                    Reply.text("ok")));
        RawStream stream =
            RawStream.open(stage.api(), streamOf(session) + "?event_deltas%5B%5D=agent.message")) {
      session.turn("Go");

      Map<String, String> previews = new LinkedHashMap<>();
      for (RawStream.Frame frame : untilIdle(stream)) {
        if (frame.event().equals("event_delta")) {
          previews.merge(
              frame.data().path("event_id").asText(),
              frame.data().at("/delta/content/text").asText(),
              String::concat);
        }
      }
      // Previews are lossy: an answer that is complete at once may have none.
      Map<String, String> texts = new HashMap<>();
      session
          .listed("agent.message")
          .forEach(message -> texts.put(message.path("id").asText(), OpenSession.text(message)));
      previews.forEach(
          (id, text) -> assertTrue(texts.getOrDefault(id, "").startsWith(text), id + ": " + text));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"agent.tool_use", "nonsense"})
  void a_preview_of_anything_else_is_refused_by_name(String type) throws Exception {
    String id = stage.createSession(stage.plainAgentId());

    Answer answer =
        stage.api().get("/v1/sessions/" + id + "/events/stream?event_deltas%5B%5D=" + type);

    assertEquals(400, answer.status(), answer.text());
    assertTrue(answer.errorMessage().contains("event_deltas"), answer.text());
  }

  @Test
  void a_stream_of_an_unknown_session_is_not_found() throws Exception {
    Answer answer = stage.api().get("/v1/sessions/sesn_01unknown/events/stream");

    assertEquals(404, answer.status(), answer.text());
    assertEquals("not_found_error", answer.errorType());
  }

  @Test
  void the_primary_threads_stream_is_the_sessions_stream() throws Exception {
    try (OpenSession session = stage.plainSession(Script.of(Reply.text("a"), Reply.text("b")))) {
      session.turn("One");
      String thread =
          session
              .listed("session.thread_status_running")
              .getFirst()
              .path("session_thread_id")
              .asText();
      try (RawStream ofThread =
              RawStream.open(
                  stage.api(), "/v1/sessions/" + session.id() + "/threads/" + thread + "/stream");
          RawStream ofSession = RawStream.open(stage.api(), streamOf(session))) {
        session.turn("Two");

        assertEquals(types(untilIdle(ofSession)), types(untilIdle(ofThread)));
      }
    }
  }

  private static JsonNode of(Map<String, JsonNode> byType, String type) {
    return byType.getOrDefault(type, MissingNode.getInstance());
  }

  private static List<String> types(List<RawStream.Frame> frames) {
    return frames.stream().map(RawStream.Frame::event).toList();
  }

  /// The frames up to the next idle event, without pings.
  private static List<RawStream.Frame> untilIdle(RawStream stream) throws InterruptedException {
    return until(stream, "session.status_idle");
  }

  private static List<RawStream.Frame> until(RawStream stream, String last)
      throws InterruptedException {
    List<RawStream.Frame> frames = new ArrayList<>();
    do {
      RawStream.Frame frame = stream.next(DEADLINE);
      if (!frame.event().equals("ping")) {
        frames.add(frame);
      }
    } while (frames.isEmpty() || !frames.getLast().event().equals(last));
    return frames;
  }

  private static String streamOf(OpenSession session) {
    return "/v1/sessions/" + session.id() + "/events/stream";
  }
}
