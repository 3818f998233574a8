package io.steward.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.harness.stage.HarnessProcess;
import io.steward.harness.stage.Reply;
import io.steward.harness.stage.ScriptedModel;
import io.steward.harness.stage.Sessions;
import io.steward.harness.stage.Stage;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.kafka.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// An owner that is stopped in the middle of its turns, for longer than the session timeout, and
/// then goes on as if nothing had happened. `-Dzombie.seconds=30` stops it for longer.
class ZombieIT {
  private static final Duration STOPPED =
      Duration.ofSeconds(Integer.getInteger("zombie.seconds", 6));
  private static final Map<String, String> SETTINGS =
      Map.of("STEWARD_KAFKA_SESSION_TIMEOUT", "PT3S");

  /// What the stopped owner finds answered when it goes on.
  private static final String TOO_LATE = "echo too-late";

  @TempDir Path directory;

  @Test
  void a_former_owner_writes_nothing_sends_nothing_and_disturbs_nobody() throws Exception {
    try (Stage stage = new Stage(directory);
        HarnessProcess former = stage.process("former", SETTINGS);
        HarnessProcess owner = stage.process("owner", SETTINGS)) {
      awaitShared(former, owner);
      List<SessionId> sessions = new ArrayList<>();
      List<ScriptedModel.Script> scripts = new ArrayList<>();
      for (int partition : former.partitions()) {
        SessionId session = stage.create(partition, "cloud", Sessions.TOOLSET);
        sessions.add(session);
        scripts.add(
            stage
                .model()
                .play(
                    session.value(),
                    Reply.slowBash(TOO_LATE, Duration.ofSeconds(2)),
                    Reply.bash("", "ls"),
                    Reply.text("Done."),
                    Reply.text("Once more.")));
        stage.say(session, "Hi");
      }
      // The request has reached the model, so the next one is the other owner's.
      for (ScriptedModel.Script script : scripts) {
        Stage.await("asked", () -> !script.requests().isEmpty());
      }
      for (SessionId session : sessions) {
        Stage.await("begun", () -> stage.types(session).contains("span.model_request_start"));
      }

      former.pause();
      for (SessionId session : sessions) {
        stage.awaitIdle(session, 1);
      }
      Thread.sleep(STOPPED);
      former.resume();
      awaitShared(former, owner);

      for (SessionId session : sessions) {
        stage.say(session, "Still there?");
        stage.awaitIdle(session, 2);
      }
      for (SessionId session : sessions) {
        checkLog(stage, session);
      }
      assertEquals(List.of(), stage.written(Topics.SESSION_EVENTS, "too-late"));
      assertEquals(List.of(), stage.written(Topics.SANDBOX_COMMANDS, "too-late"));
      assertEquals(0, owner.logged("The writer was lost"), "the rightful owner was fenced");
    }
  }

  private static void checkLog(Stage stage, SessionId session) {
    List<String> types = stage.types(session);
    assertEquals(1, stage.events(session, "agent.tool_use").size(), types::toString);
    assertEquals(1, stage.events(session, "agent.tool_result").size(), types::toString);
    assertEquals(2, stage.events(session, "agent.message").size(), types::toString);
    assertEquals(
        types.stream().filter("span.model_request_start"::equals).count(),
        types.stream().filter("span.model_request_end"::equals).count());
  }

  /// Both own partitions, and together all of them.
  private static void awaitShared(HarnessProcess one, HarnessProcess other)
      throws InterruptedException {
    Stage.await(
        "shared",
        () ->
            one.partitions().size() == Stage.PARTITIONS / 2
                && other.partitions().size() == Stage.PARTITIONS / 2
                && one.isReady()
                && other.isReady());
    assertTrue(one.isRunning() && other.isRunning());
  }
}
