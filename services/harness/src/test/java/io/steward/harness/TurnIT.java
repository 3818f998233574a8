package io.steward.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.harness.stage.Reply;
import io.steward.harness.stage.RunningHarness;
import io.steward.harness.stage.ScriptedModel.Script;
import io.steward.harness.stage.Sessions;
import io.steward.harness.stage.Stage;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.sandbox.SandboxCommand;
import io.steward.schemas.session.Session;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(RunningHarness.class)
class TurnIT {
  private static final List<String> PLAIN_TURN =
      List.of(
          "session.status_running",
          "session.thread_status_running",
          "user.message",
          "span.model_request_start",
          "agent.message",
          "model.response",
          "span.model_request_end",
          "session.thread_status_idle",
          "session.usage",
          "session.status_idle");

  private final Stage stage;

  TurnIT(Stage stage) {
    this.stage = stage;
  }

  @Test
  void a_plain_turn_writes_its_events_in_order() throws Exception {
    SessionId session = stage.create(1, "cloud");
    stage.model().play(session.value(), Reply.text("Hello."));

    String message = stage.say(session, "Hi");
    stage.awaitIdle(session, 1);

    assertEquals(PLAIN_TURN, stage.types(session));
    JsonNode processed = stage.events(session, "user.message").getFirst();
    assertEquals(message, processed.path("id").asText());
    assertTrue(processed.path("processed_at").isTextual());
    JsonNode usage = stage.events(session, "session.usage").getFirst();
    assertEquals(11, usage.at("/usage/input_tokens").asInt());
    assertEquals(7, usage.at("/usage/output_tokens").asInt());
  }

  @Test
  void a_tool_round_goes_to_the_sandbox_and_back() throws Exception {
    SessionId session = stage.create(2, "cloud", Sessions.TOOLSET);
    Script script =
        stage.model().play(session.value(), Reply.bash("Look:", "ls", "pwd"), Reply.text("Done."));

    stage.say(session, "Hi");
    stage.awaitIdle(session, 1);

    assertEquals(
        List.of(
            "session.status_running",
            "session.thread_status_running",
            "user.message",
            "span.model_request_start",
            "agent.message",
            "agent.tool_use",
            "agent.tool_use",
            "model.response",
            "span.model_request_end",
            "agent.tool_result",
            "agent.tool_result",
            "span.model_request_start",
            "agent.message",
            "model.response",
            "span.model_request_end",
            "session.thread_status_idle",
            "session.usage",
            "session.status_idle"),
        stage.types(session));
    JsonNode messages = script.requests().get(1).body().path("messages");
    assertEquals(3, messages.size());
    assertEquals("ls", messages.at("/2/content/0/content/0/text").asText());
    assertEquals("pwd", messages.at("/2/content/1/content/0/text").asText());
    assertEquals("ephemeral", messages.at("/2/content/1/cache_control/type").asText());
  }

  @Test
  void messages_sent_while_it_runs_are_handled_in_order_within_the_turn() throws Exception {
    SessionId session = stage.create(3, "cloud");
    Script script =
        stage
            .model()
            .play(
                session.value(),
                Reply.slow("1", Duration.ofMillis(200)),
                Reply.text("2"),
                Reply.text("3"));

    stage.say(session, "one");
    Stage.await("asked", () -> script.requests().size() == 1);
    stage.say(session, "two");
    stage.say(session, "three");
    Stage.await("all", () -> stage.events(session, "agent.message").size() == 3);
    stage.awaitIdle(session, 1);

    assertEquals(3, script.requests().size());
    assertEquals(1, stage.events(session, "session.status_idle").size());
    assertEquals(
        List.of("one", "two", "three"),
        stage.events(session, "user.message").stream()
            .map(event -> event.at("/content/0/text").asText())
            .toList());
    assertEquals("two", script.requests().get(1).body().at("/messages/2/content/0/text").asText());
  }

  @Test
  void a_tool_the_model_may_not_use_is_denied_and_the_turn_goes_on() throws Exception {
    SessionId session = stage.create(4, "cloud");
    stage.model().play(session.value(), Reply.tool("nuke", "{}"), Reply.text("Pity."));

    stage.say(session, "Hi");
    stage.awaitIdle(session, 1);

    JsonNode use = stage.events(session, "agent.tool_use").getFirst();
    assertEquals("deny", use.path("evaluated_permission").asText());
    assertTrue(use.path("evaluation").isMissingNode());
    JsonNode result = stage.events(session, "agent.tool_result").getFirst();
    assertEquals("Permission to use nuke has been denied.", result.at("/content/0/text").asText());
    assertTrue(result.path("is_error").asBoolean());
  }

  @Test
  void a_refusal_ends_the_turn_with_its_details() throws Exception {
    SessionId session = stage.create(5, "cloud");
    stage.model().play(session.value(), Reply.refusal(), Reply.text("Fine."));

    stage.say(session, "Hi");
    stage.awaitIdle(session, 1);
    stage.say(session, "Better");
    stage.awaitIdle(session, 2);

    JsonNode idle = stage.events(session, "session.status_idle").getFirst();
    assertEquals("refusal", idle.at("/stop_reason/type").asText());
    assertEquals("cyber", idle.at("/stop_details/category").asText());
    assertEquals(1, stage.events(session, "agent.message").size());
  }

  @Test
  void update_archive_and_delete_are_announced() throws Exception {
    SessionId session = stage.create(6, "cloud");
    Instant now = Instant.now();

    stage.write(
        session, new SessionRecord.UpdateRequested(null, Map.of("a", "b"), null, null, now));
    stage.write(session, new SessionRecord.ArchiveRequested(now));
    stage.write(session, new SessionRecord.DeleteRequested(now));
    Stage.await("deleted", () -> stage.types(session).contains("session.deleted"));

    assertTrue(
        stage.log().session(session) instanceof Session.Deleted deleted && deleted.announced());
    Stage.await(
        "the sandbox is deleted too",
        () ->
            stage.sandbox().commands(SandboxCommand.DeleteSandbox.class).stream()
                .anyMatch(command -> command.sessionId().equals(session)));
  }

  @Test
  void a_record_nobody_can_read_sets_only_its_own_session_aside() throws Exception {
    SessionId broken = stage.create(7, "cloud");
    SessionId fine = stage.create(7, "cloud");
    stage.model().play(broken.value(), Reply.text("never"));
    stage.model().play(fine.value(), Reply.text("Hello."));

    stage.writeGarbage(broken);
    stage.say(broken, "Hi");
    stage.say(fine, "Hi");
    stage.awaitIdle(fine, 1);

    assertEquals(PLAIN_TURN, stage.types(fine));
    assertTrue(stage.events(broken, "session.status_running").isEmpty());
  }
}
