package io.steward.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.steward.harness.stage.Reply;
import io.steward.harness.stage.RunningHarness;
import io.steward.harness.stage.Sessions;
import io.steward.harness.stage.Stage;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.sandbox.SandboxCommand;
import java.util.List;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Records nobody can read, in partitions that others need.
@ExtendWith(RunningHarness.class)
class PoisonIT {
  private static final int PARTITION = 6;

  private final Stage stage;

  PoisonIT(Stage stage) {
    this.stage = stage;
  }

  @ParameterizedTest
  @CsvSource({"session.events_sent, 1, [1", "session.events_sent, 2, {}", "no.such_thing, 1, {}"})
  void a_session_with_a_record_nobody_understands_is_set_aside_and_its_neighbour_goes_on(
      String type, int version, String json) throws Exception {
    double before = setAside();
    SessionId poisoned = stage.create(PARTITION, "cloud");
    SessionId neighbour = stage.create(PARTITION, "cloud");
    stage.model().play(poisoned.value(), Reply.text("Hi."));
    stage.model().play(neighbour.value(), Reply.text("Hi."));
    stage.say(poisoned, "Hi");
    stage.awaitIdle(poisoned, 1);

    stage.writeRaw(Topics.SESSION_EVENTS, poisoned, type, version, json);
    stage.say(poisoned, "Again");
    stage.say(neighbour, "Hi");
    stage.awaitIdle(neighbour, 1);

    assertEquals(before + 1, setAside());
    assertEquals(1, stage.events(poisoned, "agent.message").size());
  }

  @ParameterizedTest
  @CsvSource({"tool.result, 1, [1", "tool.result, 9, {}", "no.such_thing, 1, {}"})
  void a_result_nobody_understands_is_kept_with_the_reason_and_the_call_is_commanded_again(
      String type, int version, String json) throws Exception {
    SessionId session = stage.create(PARTITION, "cloud", Sessions.TOOLSET);
    stage.model().play(session.value(), Reply.bash("", "sleep 600"), Reply.text("Done."));
    stage.say(session, "Hi");
    Stage.await("commanded", () -> runs(session).size() == 1);

    stage.writeRaw(Topics.TOOL_RESULTS, session, type, version, json);
    Stage.await("commanded again", () -> runs(session).size() == 2);
    stage.sandbox().answer(Stage.result(runs(session).getFirst(), "slept"));
    stage.awaitIdle(session, 1);

    List<String> letters = stage.deadLetters(Topics.TOOL_RESULTS, session);
    assertEquals(1, letters.size());
    assertFalse(letters.getFirst().isBlank());
  }

  private List<SandboxCommand.RunTool> runs(SessionId session) {
    return stage.sandbox().commands(SandboxCommand.RunTool.class).stream()
        .filter(run -> run.sessionId().equals(session))
        .toList();
  }

  private double setAside() {
    return stage
        .registry()
        .get("steward.harness.sessions.set.aside")
        .tag("cause", "record")
        .counter()
        .count();
  }
}
