package io.steward.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.harness.stage.HarnessProcess;
import io.steward.harness.stage.Reply;
import io.steward.harness.stage.ScriptedModel.Script;
import io.steward.harness.stage.Sessions;
import io.steward.harness.stage.Stage;
import io.steward.harness.takeover.PartitionOwner;
import io.steward.schemas.id.SessionId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A harness that is asked to end.
class DrainIT {
  private static final Duration LONG = Duration.ofMinutes(2);

  private Stage stage;

  @BeforeEach
  void start(@TempDir Path directory) throws Exception {
    stage = new Stage(directory);
  }

  @AfterEach
  void stop() throws Exception {
    stage.close();
  }

  @Test
  void a_reply_that_comes_in_time_is_written_and_no_further_request_starts() throws Exception {
    PartitionOwner first = harness();
    SessionId session = stage.create(1, "cloud", Sessions.TOOLSET);
    Script script =
        stage
            .model()
            .play(session.value(), Reply.slowBash("ls", Duration.ofSeconds(2)), Reply.text("Hi."));
    SessionId late = stage.create(1, "cloud");
    Script lateScript = stage.model().play(late.value(), Reply.text("Later."));
    stage.say(session, "Hi");
    awaitAsked(session);

    Thread leaving = Thread.ofVirtual().start(() -> first.stop(LONG));
    Stage.await("draining", () -> !first.isReady());
    stage.say(late, "Me too");
    leaving.join();

    assertEquals(1, script.requests().size());
    assertEquals(0, lateScript.requests().size());
    assertEquals(1, stage.events(session, "agent.tool_use").size());
    PartitionOwner second = harness();
    stage.awaitIdle(session, 1);
    stage.awaitIdle(late, 1);
    assertEquals(2, script.requests().size());
    assertEquals(
        0,
        stage.events(session, "span.model_request_end").stream()
            .filter(end -> end.path("is_error").asBoolean())
            .count());
    second.stop(Duration.ZERO);
  }

  @Test
  void a_request_that_takes_too_long_is_asked_again_by_the_next_owner() throws Exception {
    PartitionOwner first = harness();
    SessionId session = stage.create(1, "cloud");
    Script script =
        stage.model().play(session.value(), Reply.slow("lost", LONG), Reply.text("Hi."));
    stage.say(session, "Hi");
    awaitAsked(session);

    first.stop(Duration.ofMillis(300));
    PartitionOwner second = harness();
    stage.awaitIdle(session, 1);

    assertEquals(2, script.requests().size());
    assertEquals(1, stage.events(session, "agent.message").size());
    second.stop(Duration.ZERO);
  }

  @Test
  void a_process_is_not_ready_from_the_signal_on_and_ends_when_the_reply_is_written()
      throws Exception {
    try (HarnessProcess process = stage.process("leaving", Map.of())) {
      Stage.await("ready", process::isReady);
      SessionId session = stage.create(1, "cloud");
      Script script = stage.model().play(session.value(), Reply.slow("Hi.", Duration.ofSeconds(4)));
      stage.say(session, "Hi");
      awaitAsked(session);

      String numbers = process.get("/q/metrics").body();
      assertTrue(numbers.contains("steward_harness_partitions 8.0"), numbers);
      assertTrue(numbers.contains("steward_harness_take_over_seconds_count 8"), numbers);
      assertTrue(numbers.contains("steward_harness_model_calls{state=\"running\"} 1.0"), numbers);

      process.terminate();
      Stage.await("not ready", () -> !process.isReady());
      assertEquals(0, stage.events(session, "agent.message").size());
      process.awaitEnd();

      Stage.await("written", () -> stage.events(session, "agent.message").size() == 1);
      assertEquals(1, script.requests().size());
      assertFalse(process.isRunning());
    }
  }

  private void awaitAsked(SessionId session) throws InterruptedException {
    Stage.await("asked", () -> stage.types(session).contains("span.model_request_start"));
  }

  private PartitionOwner harness() throws InterruptedException {
    PartitionOwner harness = stage.harness();
    harness.start();
    Stage.await("ready", harness::isReady);
    return harness;
  }
}
