package io.steward.e2e.turn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.e2e.model.Block;
import io.steward.e2e.model.ModelRequest;
import io.steward.e2e.model.Reply;
import io.steward.e2e.model.Script;
import io.steward.e2e.model.ScriptedModel;
import io.steward.e2e.stage.OpenSession;
import io.steward.e2e.stage.Patience;
import io.steward.e2e.stage.Processes;
import io.steward.e2e.stage.Stage;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// Conversations longer than the context window of their model (contract, events §10 Compaction).
/// The scripted model refuses every request that is not valid and every one that is too long.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CompactionIT {
  private static final int ROUNDS = 300;
  private static final int ROUNDS_WITH_KILLS = 80;
  private static final Duration LONG = Duration.ofMinutes(4);

  private @Nullable Stage stage;

  @BeforeAll
  void setStage() throws Exception {
    stage = Stage.set("compaction");
  }

  @AfterAll
  void closeStage() throws Exception {
    stage().close();
  }

  @Test
  void three_hundred_tool_rounds_fit_through_a_window_of_32000_tokens() throws Exception {
    RoundsScript rounds = new RoundsScript(ROUNDS, request -> {});
    try (OpenSession session = session(rounds.script())) {
      session.send("Begin");
      JsonNode idle = session.awaitIdle(LONG);
      assertEquals("end_turn", idle.at("/stop_reason/type").asText(), session::describe);
      session.send("Well done");
      assertEquals("end_turn", session.awaitIdle().at("/stop_reason/type").asText());

      assertWhole(session, rounds, ROUNDS);
      int compactions = session.listed("agent.thread_context_compacted").size();
      assertTrue(compactions >= 3, compactions + " compactions" + session.describe());
      assertEquals(compactions, rounds.assertSummarised());
      System.out.printf(
          "%d rounds, %d compactions, %d requests%n",
          ROUNDS, compactions, rounds.script().requests().size());
    }
  }

  @Test
  void a_harness_killed_right_after_a_compaction_and_in_the_middle_of_one_goes_on_summarised()
      throws Exception {
    AtomicBoolean afterFirst = new AtomicBoolean();
    AtomicBoolean inSecond = new AtomicBoolean();
    RoundsScript[] self = new RoundsScript[1];
    OpenSession[] open = new OpenSession[1];
    RoundsScript rounds =
        new RoundsScript(
            ROUNDS_WITH_KILLS,
            request -> {
              boolean compacted = !self[0].noncesIn(request).isEmpty();
              boolean kills =
                  compacted
                      && (request.asksForSummary()
                          ? inSecond.compareAndSet(false, true)
                          : afterFirst.compareAndSet(false, true));
              if (kills) {
                killHarness(open[0]);
              }
            });
    self[0] = rounds;
    try (OpenSession session = session(rounds.script())) {
      open[0] = session;
      session.send("Begin");
      JsonNode idle = session.awaitIdle(LONG);

      assertEquals("end_turn", idle.at("/stop_reason/type").asText(), session::describe);
      assertTrue(afterFirst.get() && inSecond.get(), "the harness was killed twice");
      assertWhole(session, rounds, ROUNDS_WITH_KILLS);
      int compactions = session.listed("agent.thread_context_compacted").size();
      assertTrue(compactions >= 2, compactions + " compactions");
      assertEquals(compactions, rounds.assertSummarised());
    }
  }

  @Test
  void compactions_that_do_not_help_end_the_turn_and_the_next_message_is_welcome()
      throws Exception {
    String huge = "y".repeat(ScriptedModel.SMALL_WINDOW * 7 / 2);
    AtomicBoolean helps = new AtomicBoolean();
    Script[] self = new Script[1];
    self[0] =
        Script.answering(request -> {
          if (request.asksForSummary()) {
            return Reply.text(self[0].marked(helps.get() ? "brief" : huge));
          }
          return helps.get() ? Reply.text("here") : Reply.bash(RoundsScript.command("x", 8_000));
        });
    try (OpenSession session = session(self[0])) {
      session.send("Begin");
      JsonNode idle = session.awaitIdle(LONG);

      assertEquals("retries_exhausted", idle.at("/stop_reason/type").asText(), session::describe);
      JsonNode error = session.listed("session.error").getLast();
      assertEquals("compaction_limit_reached_error", error.at("/error/type").asText());
      assertEquals("exhausted", error.at("/error/retry_status/type").asText());
      assertFalse(session.listed("agent.thread_context_compacted").isEmpty());

      helps.set(true);
      session.send("Are you there?");
      assertEquals(
          "end_turn", session.awaitIdle(LONG).at("/stop_reason/type").asText(), session::describe);
      assertEquals("here", OpenSession.text(session.listed("agent.message").getLast()));
      String last = self[0].requests().getLast().text();
      assertTrue(last.contains("Are you there?") && last.contains("brief"), last);
    }
  }

  @Test
  void a_conversation_the_provider_calls_too_long_is_compacted_and_asked_again() throws Exception {
    AtomicBoolean refused = new AtomicBoolean();
    Script[] self = new Script[1];
    self[0] =
        Script.answering(request -> {
          if (request.asksForSummary()) {
            return Reply.text(self[0].marked("summarised"));
          }
          if (request.assistantMessages() == 3 && refused.compareAndSet(false, true)) {
            return Reply.invalidRequest("prompt is too long: 33000 tokens > 32000 maximum");
          }
          return refused.get() ? Reply.text("done") : Reply.bash(RoundsScript.command("x", 12_000));
        });
    try (OpenSession session = session(self[0])) {
      session.send("Begin");
      JsonNode idle = session.awaitIdle(LONG);

      assertEquals("end_turn", idle.at("/stop_reason/type").asText(), session::describe);
      assertEquals(1, session.listed("agent.thread_context_compacted").size());
      assertTrue(self[0].requests().getLast().text().contains("summarised"));
    }
  }

  @Test
  void results_larger_than_the_window_do_not_end_the_session() throws Exception {
    Script[] self = new Script[1];
    self[0] =
        Script.answering(request -> {
          if (request.asksForSummary()) {
            return Reply.text(self[0].marked("flooded"));
          }
          return self[0].requests().size() == 1
              ? Reply.message(
                  Block.ToolUse.bash(RoundsScript.command("one", 90_000)),
                  Block.ToolUse.bash(RoundsScript.command("two", 90_000)))
              : Reply.text("dry");
        });
    try (OpenSession session = session(self[0])) {
      session.send("Begin");
      session.awaitIdle(LONG);
      session.send("Are you there?");
      JsonNode idle = session.awaitIdle(LONG);

      assertEquals("end_turn", idle.at("/stop_reason/type").asText(), session::describe);
      assertEquals("dry", OpenSession.text(session.listed("agent.message").getLast()));
    }
  }

  /// Everything that happened is listed, whatever the model still sees of it.
  private static void assertWhole(OpenSession session, RoundsScript rounds, int count) {
    List<JsonNode> calls = session.listed("agent.tool_use");
    assertEquals(
        rounds.marks(),
        calls.stream()
            .map(call -> RoundsScript.markIn(call.at("/input/command").asText()))
            .toList(),
        session::describe);
    assertEquals(count, calls.size());
    List<JsonNode> results = session.listed("agent.tool_result");
    assertEquals(
        rounds.marks(),
        results.stream().map(result -> RoundsScript.markIn(OpenSession.text(result))).toList());
    for (ModelRequest request : rounds.script().requests()) {
      int tokens = ModelRequest.tokens(request.body());
      assertTrue(
          tokens <= ScriptedModel.SMALL_WINDOW,
          "request " + request.number() + " has " + tokens + " tokens");
    }
  }

  /// Once a compaction is in the log: the model is asked with it while it is on its way there.
  private void killHarness(OpenSession session) {
    try {
      Patience.until(
          LONG,
          () -> "a compaction is listed",
          () -> !session.listed("agent.thread_context_compacted").isEmpty());
      long old = stage().steward().pid("harness");
      Processes.kill(old);
      Patience.until(
          Duration.ofSeconds(60),
          () -> "the harness is back" + stage().steward().logTail(),
          () -> stage().steward().hasRestarted("harness", old));
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private OpenSession session(Script script) {
    String agent =
        stage()
            .createAgent(
                Stage.agent("rounds " + UUID.randomUUID(), ScriptedModel.SMALL_MODEL)
                    .system("You do what you are told.")
                    .addTool(Stage.toolset()));
    return stage().session(agent, script);
  }

  private Stage stage() {
    if (stage == null) {
      throw new IllegalStateException("no stage");
    }
    return stage;
  }
}
