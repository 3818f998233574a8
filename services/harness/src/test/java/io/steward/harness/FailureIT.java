package io.steward.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.harness.stage.Reply;
import io.steward.harness.stage.RunningHarness;
import io.steward.harness.stage.Stage;
import io.steward.schemas.id.SessionId;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(RunningHarness.class)
class FailureIT {
  private final Stage stage;

  FailureIT(Stage stage) {
    this.stage = stage;
  }

  @Test
  void an_overloaded_model_is_asked_again_until_it_answers() throws Exception {
    SessionId session = stage.create(1, "cloud");
    stage
        .model()
        .play(session.value(), Reply.overloaded(), Reply.overloaded(), Reply.text("Hello."));

    stage.say(session, "Hi");
    stage.awaitIdle(session, 1);

    List<String> types = stage.types(session);
    List<String> failure =
        List.of(
            "span.model_request_end",
            "session.error",
            "session.status_rescheduled",
            "session.thread_status_rescheduled",
            "retry.scheduled",
            "session.status_running",
            "session.thread_status_running",
            "span.model_request_start");
    assertEquals(failure, types.subList(4, 12));
    assertEquals(failure, types.subList(12, 20));
    assertEquals("agent.message", types.get(20));
    JsonNode error = stage.events(session, "session.error").getFirst().path("error");
    assertEquals("model_overloaded_error", error.path("type").asText());
    assertEquals("retrying", error.at("/retry_status/type").asText());
  }

  @Test
  void a_model_that_stays_away_uses_up_the_retries() throws Exception {
    SessionId session = stage.create(2, "cloud");
    stage.model().play(session.value(), new Reply.Cut(), Reply.error(500, "api_error"));

    stage.say(session, "Hi");
    stage.awaitIdle(session, 1);

    List<JsonNode> errors = stage.events(session, "session.error");
    assertEquals(4, errors.size());
    assertEquals("exhausted", errors.getLast().at("/error/retry_status/type").asText());
    assertEquals("model_request_failed_error", errors.getLast().at("/error/type").asText());
    assertEquals(
        "retries_exhausted",
        stage.events(session, "session.status_idle").getFirst().at("/stop_reason/type").asText());
  }

  @Test
  void an_error_inside_the_stream_is_retried() throws Exception {
    SessionId session = stage.create(3, "cloud");
    stage
        .model()
        .play(session.value(), new Reply.StreamError("overloaded_error"), Reply.text("Hello."));

    stage.say(session, "Hi");
    stage.awaitIdle(session, 1);

    JsonNode error = stage.events(session, "session.error").getFirst().path("error");
    assertEquals("model_overloaded_error", error.path("type").asText());
    assertEquals(1, stage.events(session, "agent.message").size());
  }

  @Test
  void a_wrong_key_ends_the_turn_and_is_not_told() throws Exception {
    SessionId session = stage.create(4, "cloud");
    stage
        .model()
        .play(session.value(), Reply.error(401, "authentication_error"), Reply.text("Better."));

    stage.say(session, "Hi");
    stage.awaitIdle(session, 1);
    JsonNode error = stage.events(session, "session.error").getFirst().path("error");
    assertEquals("exhausted", error.at("/retry_status/type").asText());
    assertFalse(error.toString().contains("canary"), error.toString());
    stage.say(session, "Again");
    stage.awaitIdle(session, 2);

    assertTrue(stage.types(session).contains("agent.message"));
  }
}
