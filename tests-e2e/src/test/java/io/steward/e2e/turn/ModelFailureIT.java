package io.steward.e2e.turn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.e2e.model.Block;
import io.steward.e2e.model.ModelRequest;
import io.steward.e2e.model.Reply;
import io.steward.e2e.model.Script;
import io.steward.e2e.stage.OpenSession;
import io.steward.e2e.stage.Stage;
import io.steward.e2e.stage.StageExtension;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(StageExtension.class)
class ModelFailureIT {
  private static final List<String> RETRIED =
      List.of("session.error", "session.status_rescheduled", "session.status_running");

  private final Stage stage;

  ModelFailureIT(Stage stage) {
    this.stage = stage;
  }

  @Test
  void an_overloaded_model_is_asked_again_and_the_turn_goes_on() throws Exception {
    Script script = Script.of(Reply.overloaded(), Reply.overloaded(), Reply.text("at last"));
    try (OpenSession session = stage.plainSession(script)) {
      JsonNode idle = session.turn("Hi");

      List<String> types = OpenSession.types(session.listed());
      assertEquals(
          List.of(
              "session.error",
              "session.status_rescheduled",
              "session.status_running",
              "session.error",
              "session.status_rescheduled",
              "session.status_running"),
          types.stream().filter(RETRIED::contains).toList().subList(1, 7),
          session::describe);
      for (JsonNode error : session.listed("session.error")) {
        assertEquals("model_overloaded_error", error.at("/error/type").asText());
        assertEquals("retrying", error.at("/error/retry_status/type").asText());
        assertFalse(error.at("/error/message").asText().isBlank());
      }
      assertEquals(3, session.listed("span.model_request_start").size());
      assertEquals(
          List.of(true, true, false),
          session.listed("span.model_request_end").stream()
              .map(end -> end.path("is_error").asBoolean())
              .toList());
      assertTrue(types.contains("session.thread_status_rescheduled"), session::describe);
      assertEquals("end_turn", idle.at("/stop_reason/type").asText());
      assertEquals("at last", OpenSession.text(session.listed("agent.message").getFirst()));
      assertEquals(script.requests().get(0).cacheKeys(), script.requests().get(2).cacheKeys());
    }
  }

  @Test
  void a_rate_limit_is_waited_out_as_long_as_the_model_says() throws Exception {
    Script script = Script.of(Reply.rateLimited(Duration.ofSeconds(2)), Reply.text("ok"));
    try (OpenSession session = stage.plainSession(script)) {
      session.turn("Hi");

      List<ModelRequest> requests = script.requests();
      long waitedNanos = requests.get(1).arrivedNanos() - requests.get(0).arrivedNanos();
      JsonNode error = session.listed("session.error").getFirst();
      assertEquals("model_rate_limited_error", error.at("/error/type").asText());
      assertTrue(waitedNanos >= Duration.ofSeconds(2).toNanos(), "waited " + waitedNanos + " ns");
    }
  }

  static Stream<Named<Reply>> transientFailures() {
    return Stream.of(
        Named.of("an internal error", Reply.internalError()),
        Named.of(
            "an error in the middle of a stream",
            new Reply.StreamError(
                List.of(Block.Text.of("half ", "an answer")), "overloaded_error", "Overloaded")),
        Named.of("a lost connection", new Reply.Cut(List.of(Block.Text.of("half ", "an answer")))));
  }

  @ParameterizedTest
  @MethodSource("transientFailures")
  void a_passing_failure_is_retried_and_leaves_nothing_of_the_lost_answer(Reply failure)
      throws Exception {
    try (OpenSession session = stage.plainSession(Script.of(failure, Reply.text("whole answer")))) {
      JsonNode idle = session.turn("Hi");

      assertEquals("end_turn", idle.at("/stop_reason/type").asText(), session::describe);
      assertEquals(1, session.listed("agent.message").size());
      assertEquals("whole answer", OpenSession.text(session.listed("agent.message").getFirst()));
      assertEquals(
          "retrying",
          session.listed("session.error").getFirst().at("/error/retry_status/type").asText());
    }
  }

  static Stream<Named<Reply>> permanentFailures() {
    return Stream.of(
        Named.of("an invalid request", Reply.invalidRequest("messages: refused")),
        Named.of("a wrong key", Reply.unauthorized()));
  }

  @ParameterizedTest
  @MethodSource("permanentFailures")
  void a_permanent_failure_ends_the_turn_at_once_and_the_session_stays_usable(Reply failure)
      throws Exception {
    try (OpenSession session = stage.plainSession(Script.of(failure, Reply.text("better")))) {
      JsonNode idle = session.turn("Hi");

      JsonNode error = session.listed("session.error").getFirst();
      assertEquals("model_request_failed_error", error.at("/error/type").asText());
      assertNotEquals("retrying", error.at("/error/retry_status/type").asText());
      assertEquals("exhausted", error.at("/error/retry_status/type").asText(), session::describe);
      assertEquals("retries_exhausted", idle.at("/stop_reason/type").asText());
      List<String> types = OpenSession.types(session.listed());
      assertTrue(
          types.indexOf("session.error") < types.indexOf("session.thread_status_idle"),
          types.toString());
      assertFalse(types.contains("session.status_rescheduled"));
      assertEquals(1, session.script().requests().size());
      session.turn("Try again");
      assertEquals("better", OpenSession.text(session.listed("agent.message").getFirst()));
    }
  }

  @Test
  void an_error_message_never_carries_the_models_key() throws Exception {
    try (OpenSession session =
        stage.plainSession(Script.of(Reply.invalidRequest("bad key " + stage.modelKey())))) {
      session.turn("Hi");

      assertFalse(session.listed().toString().contains(stage.modelKey()), "the key is in an event");
    }
  }

  @Test
  void a_refusal_ends_the_turn_with_its_details_and_the_session_stays_usable() throws Exception {
    try (OpenSession session =
        stage.plainSession(
            Script.of(Reply.refusal("cyber", "I must not."), Reply.text("Gladly.")))) {
      JsonNode idle = session.turn("Hack");

      assertEquals("refusal", idle.at("/stop_reason/type").asText(), session::describe);
      assertEquals("refusal", idle.at("/stop_details/type").asText());
      assertEquals("cyber", idle.at("/stop_details/category").asText());
      assertEquals("I must not.", idle.at("/stop_details/explanation").asText());
      JsonNode thread = session.listed("session.thread_status_idle").getFirst();
      assertEquals("refusal", thread.at("/stop_reason/type").asText());
      JsonNode next = session.turn("Bake a cake");
      assertEquals("end_turn", next.at("/stop_reason/type").asText());
    }
  }

  @Test
  void a_retry_that_waits_is_ended_by_an_interrupt() throws Exception {
    Script script = Script.of(Reply.rateLimited(Duration.ofSeconds(600)), Reply.text("next"));
    try (OpenSession session = stage.plainSession(script)) {
      session.send("Hi");
      session.await("session.status_rescheduled");
      assertEquals("rescheduling", session.get().path("status").asText());
      session.interrupt();
      JsonNode idle = session.await("session.status_idle", Duration.ofSeconds(2), event -> true);

      assertEquals("end_turn", idle.at("/stop_reason/type").asText());
      assertEquals(1, script.requests().size());
    }
  }
}
