package io.steward.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.harness.stage.Reply;
import io.steward.harness.stage.RunningHarness;
import io.steward.harness.stage.ScriptedModel.Script;
import io.steward.harness.stage.Sessions;
import io.steward.harness.stage.Stage;
import io.steward.schemas.event.ContentBlock;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.id.Ids;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.sandbox.SandboxCommand;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(RunningHarness.class)
class InterruptIT {

  private final Stage stage;

  InterruptIT(Stage stage) {
    this.stage = stage;
  }

  @Test
  void an_interrupt_cuts_the_model_call() throws Exception {
    SessionId session = stage.create(1, "cloud");
    Script script = stage.model().play(session.value(), Reply.slow("late", Duration.ofSeconds(20)));
    stage.say(session, "Hi");
    Stage.await("asked", () -> script.requests().size() == 1);
    Stage.await("span", () -> stage.types(session).contains("span.model_request_start"));

    interrupt(session);

    List<String> types = stage.types(session);
    assertEquals(
        List.of(
            "span.model_request_start",
            "span.model_request_end",
            "user.interrupt",
            "session.thread_status_idle",
            "session.usage",
            "session.status_idle"),
        types.subList(types.indexOf("span.model_request_start"), types.size()));
  }

  @Test
  void an_interrupt_closes_running_tools_without_waiting_for_the_sandbox() throws Exception {
    SessionId session = stage.create(2, "cloud", Sessions.TOOLSET);
    Script script =
        stage.model().play(session.value(), Reply.bash("", "sleep 600"), Reply.text("Back."));
    stage.say(session, "Hi");
    Stage.await(
        "running",
        () ->
            stage.sandbox().commands(SandboxCommand.RunTool.class).stream()
                .anyMatch(run -> run.sessionId().equals(session)));

    interrupt(session);

    JsonNode result = stage.events(session, "agent.tool_result").getFirst();
    assertEquals(
        "Tool execution was interrupted before completion. Please retry.",
        result.at("/content/0/text").asText());
    SandboxCommand.RunTool run =
        stage.sandbox().commands(SandboxCommand.RunTool.class).stream()
            .filter(command -> command.sessionId().equals(session))
            .findFirst()
            .orElseThrow();
    Stage.await(
        "canceled",
        () ->
            stage.sandbox().commands(SandboxCommand.CancelTools.class).stream()
                .anyMatch(cancel -> cancel.toolUseIds().contains(run.toolUseId())));
    stage.sandbox().answer(Stage.result(run, "too late"));
    stage.say(session, "Again");
    stage.awaitIdle(session, 2);
    assertEquals(1, stage.events(session, "agent.tool_result").size());
    assertEquals(2, script.requests().size());
  }

  @Test
  void steering_stops_the_turn_and_starts_the_next() throws Exception {
    SessionId session = stage.create(3, "cloud");
    Script script =
        stage
            .model()
            .play(session.value(), Reply.slow("late", Duration.ofSeconds(20)), Reply.text("Sure."));
    stage.say(session, "Hi");
    Stage.await("asked", () -> script.requests().size() == 1);

    stage.send(
        session,
        new SessionEvent.UserInterrupt(Ids.random("sevt_"), null, null),
        new SessionEvent.UserMessage(
            Ids.random("sevt_"), List.of(new ContentBlock.Text("Rather this")), null));
    stage.awaitIdle(session, 2);

    assertEquals(1, stage.events(session, "agent.message").size());
    JsonNode content = script.requests().get(1).body().at("/messages/0/content");
    assertEquals("Hi", content.at("/0/text").asText());
    assertEquals("Rather this", content.at("/1/text").asText());
  }

  @Test
  void an_interrupt_of_an_idle_session_changes_nothing_but_itself() throws Exception {
    SessionId session = stage.create(4, "cloud");

    stage.send(session, new SessionEvent.UserInterrupt(Ids.random("sevt_"), null, null));
    Stage.await("applied", () -> !stage.types(session).isEmpty());

    assertEquals(List.of("user.interrupt"), stage.types(session));
  }

  /// Interrupts and waits until the session is idle; the time it took is printed, not judged.
  private void interrupt(SessionId session) throws InterruptedException {
    long from = System.nanoTime();
    stage.send(session, new SessionEvent.UserInterrupt(Ids.random("sevt_"), null, null));
    stage.awaitIdle(session, 1);
    System.out.printf("interrupt to idle: %d ms%n", (System.nanoTime() - from) / 1_000_000);
  }
}
