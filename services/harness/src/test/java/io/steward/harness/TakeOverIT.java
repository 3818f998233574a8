package io.steward.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.harness.stage.Reply;
import io.steward.harness.stage.ScriptedModel.Script;
import io.steward.harness.stage.Sessions;
import io.steward.harness.stage.Stage;
import io.steward.harness.takeover.PartitionOwner;
import io.steward.schemas.event.ContentBlock;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.sandbox.SandboxCommand;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TakeOverIT {
  private Stage stage;
  private final List<PartitionOwner> harnesses = new ArrayList<>();

  @BeforeEach
  void start(@TempDir Path directory) throws Exception {
    stage = new Stage(directory);
  }

  @AfterEach
  void stop() throws Exception {
    harnesses.forEach(harness -> harness.stop(Duration.ZERO));
    stage.close();
  }

  @Test
  void a_new_owner_asks_the_model_again_and_closes_the_orphan_span() throws Exception {
    PartitionOwner first = harness();
    SessionId session = stage.create(1, "cloud");
    Script script =
        stage
            .model()
            .play(session.value(), Reply.slow("lost", Duration.ofSeconds(60)), Reply.text("Hi."));
    stage.say(session, "Hi");
    Stage.await("asked", () -> stage.types(session).contains("span.model_request_start"));

    leave(first);
    harness();
    stage.awaitIdle(session, 1);

    assertEquals(2, script.requests().size());
    List<JsonNode> ends = stage.events(session, "span.model_request_end");
    assertEquals(2, ends.size());
    assertTrue(ends.getFirst().path("is_error").asBoolean());
    assertEquals(1, stage.events(session, "agent.message").size());
  }

  @Test
  void a_new_owner_commands_open_calls_again_and_handles_what_was_queued() throws Exception {
    PartitionOwner first = harness();
    SessionId session = stage.create(2, "cloud", Sessions.TOOLSET);
    stage
        .model()
        .play(session.value(), Reply.bash("", "sleep 600"), Reply.text("Done."), Reply.text("2nd"));
    stage.say(session, "Hi");
    Stage.await("running", () -> runs().size() == 1);

    leave(first);
    stage.say(session, "Queued");
    harness();
    Stage.await("commanded again", () -> runs().size() == 2);
    assertEquals(runs().get(0), runs().get(1));
    stage.sandbox().answer(Stage.result(runs().getFirst(), "slept"));
    stage.sandbox().answer(Stage.result(runs().getFirst(), "slept"));
    stage.awaitIdle(session, 1);

    assertEquals(1, stage.events(session, "agent.tool_result").size());
    assertEquals(2, stage.events(session, "user.message").size());
    assertEquals(2, stage.events(session, "agent.message").size());
  }

  @Test
  void a_transaction_nobody_ends_is_aborted_before_anything_is_done() throws Exception {
    SessionId session = stage.create(1, "cloud");
    stage.model().play(session.value(), Reply.text("Hi."));
    SessionRecord lost =
        new SessionRecord.EventsSent(
            List.of(
                new SessionEvent.UserMessage(
                    "sevt_lost", List.of(new ContentBlock.Text("Lost")), null)));
    Producer<String, byte[]> orphan = stage.orphan(session, lost);
    try {
      stage.say(session, "Hi");
      harness();
      stage.awaitIdle(session, 1);

      assertEquals(1, stage.events(session, "user.message").size());
      assertEquals(
          1, stage.registry().get("steward.harness.transactions.orphaned").counter().count());
    } finally {
      orphan.close(Duration.ZERO);
    }
  }

  @Test
  void a_partition_that_cannot_be_taken_over_counts_as_nobodys() throws Exception {
    stage.create(1, "cloud");
    stage.log().close(); // Nobody tells which sessions it has.
    PartitionOwner waiting = stage.harness();
    harnesses.add(waiting);
    waiting.start();

    Stage.await("the others", () -> gauge("steward.harness.partitions") == Stage.PARTITIONS - 1);

    assertEquals(Stage.PARTITIONS, gauge("steward.harness.log.partitions"));
    assertFalse(waiting.isReady());
  }

  private double gauge(String name) {
    return stage.registry().get(name).gauge().value();
  }

  @Test
  void a_session_that_is_not_in_memory_is_woken_by_its_next_record() throws Exception {
    PartitionOwner first = harness();
    SessionId session = stage.create(3, "cloud");
    Script script = stage.model().play(session.value(), Reply.text("one"), Reply.text("two"));
    stage.say(session, "Hi");
    stage.awaitIdle(session, 1);

    leave(first);
    harness();
    stage.say(session, "Still there?");
    stage.awaitIdle(session, 2);

    assertEquals(3, script.requests().get(1).body().path("messages").size());
  }

  @Test
  void an_owner_whose_writer_was_fenced_gets_a_new_one_and_goes_on() throws Exception {
    harness();
    SessionId session = stage.create(4, "cloud", Sessions.TOOLSET);
    stage.model().play(session.value(), Reply.bash("", "ls"), Reply.text("one"), Reply.text("two"));
    stage.say(session, "Hi");
    stage.awaitIdle(session, 1);

    stage.fence(4);
    stage.say(session, "Still there?");
    stage.awaitIdle(session, 2);

    List<String> types = stage.types(session);
    assertEquals(2, types.stream().filter("user.message"::equals).count());
    assertEquals(
        types.stream().filter("span.model_request_start"::equals).count(),
        types.stream().filter("span.model_request_end"::equals).count());
  }

  @Test
  void two_members_share_the_partitions_and_lose_nothing_when_one_comes_and_goes()
      throws Exception {
    harness();
    List<SessionId> sessions = new ArrayList<>();
    for (int i = 0; i < 2 * Stage.PARTITIONS; i++) {
      SessionId session = stage.create(i % Stage.PARTITIONS, "cloud", Sessions.TOOLSET);
      stage
          .model()
          .play(session.value(), Reply.bash("", "a"), Reply.bash("", "b"), Reply.text("c"));
      sessions.add(session);
    }

    PartitionOwner second = stage.harness();
    second.start();
    for (SessionId session : sessions) {
      stage.say(session, "Hi");
      Thread.sleep(20);
    }
    Thread.sleep(300);
    second.stop(Duration.ZERO);
    for (SessionId session : sessions) {
      stage.awaitIdle(session, 1);
    }

    for (SessionId session : sessions) {
      List<String> types = stage.types(session);
      assertEquals(
          types.stream().filter("agent.tool_use"::equals).count(),
          types.stream().filter("agent.tool_result"::equals).count(),
          types::toString);
      assertEquals(1, types.stream().filter("session.status_idle"::equals).count());
      assertEquals(
          types.stream().filter("span.model_request_start"::equals).count(),
          types.stream().filter("span.model_request_end"::equals).count());
    }
  }

  @Test
  void who_takes_the_name_of_an_instance_takes_its_place() throws Exception {
    PartitionOwner first = stage.harness("same");
    harnesses.add(first);
    first.start();
    Stage.await("ready", first::isReady);
    PartitionOwner second = stage.harness("same");
    harnesses.add(second);
    second.start();
    Stage.await("replaced", () -> !first.isAlive());
    Stage.await("ready", second::isReady);

    SessionId session = stage.create(1, "cloud");
    stage.model().play(session.value(), Reply.text("Hi."));
    stage.say(session, "Hi");
    stage.awaitIdle(session, 1);

    assertEquals(1, stage.events(session, "agent.message").size());
  }

  @Test
  void an_instance_whose_name_was_taken_for_a_moment_goes_on() throws Exception {
    PartitionOwner harness = stage.harness("taken");
    harnesses.add(harness);
    harness.start();
    Stage.await("ready", harness::isReady);
    try (Consumer<String, byte[]> other = stage.clients("taken").member()) {
      other.subscribe(List.of(Topics.SESSION_EVENTS));
      while (other.assignment().isEmpty()) {
        var _ = other.poll(Duration.ofMillis(50));
      }
      Stage.await("replaced", () -> !harness.isReady());
    }
    Stage.await("ready again", harness::isReady);

    SessionId session = stage.create(1, "cloud");
    stage.model().play(session.value(), Reply.text("Hi."));
    stage.say(session, "Hi");
    stage.awaitIdle(session, 1);

    assertEquals(1, stage.events(session, "agent.message").size());
  }

  private List<SandboxCommand.RunTool> runs() {
    return stage.sandbox().commands(SandboxCommand.RunTool.class);
  }

  private PartitionOwner harness() throws InterruptedException {
    PartitionOwner harness = stage.harness();
    harnesses.add(harness);
    harness.start();
    Stage.await("ready", harness::isReady);
    return harness;
  }

  private void leave(PartitionOwner harness) {
    harnesses.remove(harness);
    harness.stop(Duration.ZERO);
  }
}
