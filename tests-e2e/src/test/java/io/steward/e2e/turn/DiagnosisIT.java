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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/// What is said of a session that waits, by all services together.
@ExtendWith(StageExtension.class)
@Timeout(90)
class DiagnosisIT {
  private final Stage stage;

  DiagnosisIT(Stage stage) {
    this.stage = stage;
  }

  @Test
  void a_model_that_falls_silent_is_told_of_until_it_goes_on() throws Exception {
    Gate gate = new Gate();
    try (OpenSession session =
        stage.plainSession(Script.of(Reply.text("One ", "two.").heldBy(gate)))) {
      assertEquals("waiting_for_message", cause(session));
      session.send("Count");

      JsonNode silent = awaitCause(session, "model_silent");
      assertEquals("model", silent.path("owner").asText());
      assertEquals("await_model", silent.path("step").asText());
      assertTrue(silent.path("deadline").isTextual(), silent.toString());

      gate.open();
      session.awaitIdle();
      assertEquals("waiting_for_message", cause(session));
    }
  }

  @Test
  void a_command_that_runs_is_the_sandboxes() throws Exception {
    try (OpenSession session =
        stage.session(Script.of(Reply.bash("sleep 4"), Reply.text("done")))) {
      session.send("Go");

      assertEquals("sandbox", awaitCause(session, "tool_running").path("owner").asText());
      session.awaitIdle();
    }
  }

  private JsonNode diagnosis(OpenSession session) throws Exception {
    return stage.api().get("/v1/sessions/" + session.id() + "/diagnosis").body();
  }

  private String cause(OpenSession session) throws Exception {
    return diagnosis(session).at("/cause/type").asText();
  }

  private JsonNode awaitCause(OpenSession session, String cause) throws Exception {
    JsonNode seen = diagnosis(session);
    while (!seen.at("/cause/type").asText().equals(cause)) {
      seen = diagnosis(session);
    }
    return seen;
  }
}
