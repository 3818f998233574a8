package io.steward.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.harness.stage.Reply;
import io.steward.harness.stage.RunningHarness;
import io.steward.harness.stage.ScriptedModel.Script;
import io.steward.harness.stage.Sessions;
import io.steward.harness.stage.Stage;
import io.steward.schemas.agent.PermissionPolicy;
import io.steward.schemas.event.ContentBlock;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.id.Ids;
import io.steward.schemas.id.SessionId;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(RunningHarness.class)
class AnswerIT {
  private final Stage stage;

  AnswerIT(Stage stage) {
    this.stage = stage;
  }

  @Test
  void two_calls_wait_for_confirmation_and_go_on_when_both_are_answered() throws Exception {
    SessionId session =
        stage.create(1, "cloud", Sessions.toolset(new PermissionPolicy.AlwaysAsk()));
    Script script =
        stage.model().play(session.value(), Reply.bash("", "ls", "rm"), Reply.text("Done."));
    stage.say(session, "Hi");
    stage.awaitIdle(session, 1);
    List<String> calls = ids(session, "agent.tool_use");
    assertEquals(calls, waiting(session, 0));

    stage.send(session, confirmation(calls.get(0), SessionEvent.Verdict.ALLOW, null));
    stage.awaitIdle(session, 2);
    assertEquals(calls.subList(1, 2), waiting(session, 1));
    stage.send(session, confirmation(calls.get(1), SessionEvent.Verdict.DENY, "use staging"));
    stage.awaitIdle(session, 3);

    assertEquals(2, script.requests().size());
    JsonNode results = script.requests().get(1).body().at("/messages/2/content");
    assertEquals("ls", results.at("/0/content/0/text").asText());
    assertEquals("use staging", results.at("/1/content/0/text").asText());
    assertTrue(results.at("/1/is_error").asBoolean());
    assertEquals(2, stage.events(session, "session.status_running").size());
  }

  @Test
  void a_custom_tool_is_run_by_the_client() throws Exception {
    SessionId session = stage.create(2, "cloud", Sessions.custom("weather"));
    Script script =
        stage
            .model()
            .play(session.value(), Reply.tool("weather", "{\"city\":\"Bonn\"}"), Reply.text("OK"));
    stage.say(session, "Hi");
    stage.awaitIdle(session, 1);
    String call = ids(session, "agent.custom_tool_use").getFirst();

    stage.send(
        session,
        new SessionEvent.UserCustomToolResult(
            Ids.random("sevt_"),
            call,
            List.of(new ContentBlock.Text("rain")),
            null,
            java.time.Instant.now()));
    stage.awaitIdle(session, 2);

    assertEquals(
        "rain",
        script.requests().get(1).body().at("/messages/2/content/0/content/0/text").asText());
    List<String> types = stage.types(session);
    int resumed = types.lastIndexOf("session.status_running");
    assertEquals(
        List.of(
            "session.status_running", "session.thread_status_running", "span.model_request_start"),
        types.subList(resumed, resumed + 3));
  }

  @Test
  void a_self_hosted_call_waits_for_the_worker_and_reaches_no_sandbox() throws Exception {
    SessionId session = stage.create(3, "self_hosted", Sessions.TOOLSET);
    stage.model().play(session.value(), Reply.bash("", "ls"), Reply.text("OK"));
    stage.say(session, "Hi");
    stage.awaitIdle(session, 1);
    String call = ids(session, "agent.tool_use").getFirst();

    stage.send(
        session,
        new SessionEvent.UserToolResult(
            Ids.random("sevt_"), call, null, null, java.time.Instant.now()));
    stage.awaitIdle(session, 2);

    assertTrue(
        stage.sandbox().commands().stream()
            .noneMatch(command -> command.sessionId().equals(session)));
  }

  private static SessionEvent confirmation(
      String call, SessionEvent.Verdict verdict, @Nullable String message) {
    return new SessionEvent.UserToolConfirmation(Ids.random("sevt_"), call, verdict, message, null);
  }

  private List<String> ids(SessionId session, String type) {
    return stage.events(session, type).stream().map(event -> event.path("id").asText()).toList();
  }

  private List<String> waiting(SessionId session, int idle) {
    JsonNode reason = stage.events(session, "session.status_idle").get(idle).path("stop_reason");
    assertEquals("requires_action", reason.path("type").asText());
    return reason.path("event_ids").valueStream().map(JsonNode::asText).toList();
  }
}
