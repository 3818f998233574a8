package io.steward.e2e.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.e2e.model.Reply;
import io.steward.e2e.model.Script;
import io.steward.e2e.stage.OpenSession;
import io.steward.e2e.stage.Patience;
import io.steward.e2e.stage.Processes;
import io.steward.e2e.stage.Stage;
import io.steward.e2e.stage.Steward;
import io.steward.e2e.stage.WallTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/// Kills a Steward of its own, in whole and in parts. The tests are ordered: each goes on with the
/// data directory the one before it left.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class RestartIT {
  private static final Duration BACK_WITHIN = Duration.ofSeconds(60);

  @SuppressWarnings("UnusedVariable") // read by JUnit
  private static final List<String> CHILDREN = Steward.CHILDREN;

  private @Nullable Stage current;

  @BeforeAll
  void setStage() throws Exception {
    current = Stage.set("restart");
  }

  @AfterAll
  void closeStage() throws Exception {
    if (current != null) {
      current.close();
    }
  }

  @Test
  @Order(1)
  void a_steward_killed_during_a_tool_call_goes_on_where_it_was() throws Exception {
    Stage first = stage();
    Script finished =
        Script.byTurn(
            Reply.bash("echo kept > kept.txt"),
            Reply.text("a"),
            Reply.bash("cat kept.txt"),
            Reply.text("b"));
    Script interrupted =
        Script.byTurn(
            Reply.bash("echo x >> runs.txt; sleep 86399"),
            Reply.text("recovered"),
            Reply.text("I am here"),
            Reply.bash("wc -l < runs.txt"),
            Reply.text("counted"));
    List<JsonNode> finishedEvents;
    String finishedId;
    String interruptedId;
    String queuedId;
    try (OpenSession one = first.session(finished);
        OpenSession two = first.session(interrupted)) {
      one.turn("Write");
      finishedEvents = one.listed();
      finishedId = one.id();
      interruptedId = two.id();
      two.send("Sleep");
      two.await("agent.tool_use");
      awaitProcess(first, "sleep 86399");
      queuedId = two.send("Are you there?").path("id").asText();
      first.steward().kill();
    }
    first.leave();
    Stage second = first.restarted();
    current = second;

    try (OpenSession two = OpenSession.attach(second, interruptedId, interrupted)) {
      awaitAnswered(two, queuedId);
      JsonNode call = two.listed("agent.tool_use").getFirst();
      List<JsonNode> results = resultsOf(two, call);
      assertEquals(1, results.size(), two::describe);
      assertTrue(results.getFirst().path("is_error").asBoolean(), results.toString());
      assertEquals(2, two.listed("user.message").size(), two::describe);
    }
    // A stream of its own, so that the end of the turn before cannot be taken for the end of this.
    try (OpenSession two = OpenSession.attach(second, interruptedId, interrupted)) {
      two.turn("How often did it run?");
      assertEquals(
          "1",
          interrupted.requests().getLast().toolResults().getFirst().text().strip(),
          two::describe);
    }
    try (OpenSession one = OpenSession.attach(second, finishedId, finished)) {
      assertEquals(finishedEvents, one.listed());
      assertEquals("idle", one.get().path("status").asText());
      one.turn("Read");
      assertEquals("kept", finished.requests().getLast().toolResults().getFirst().text().strip());
    }
  }

  @Test
  @Order(2)
  void a_steward_that_stopped_serves_everything_when_it_starts_again() throws Exception {
    Stage first = stage();
    Script script = Script.byTurn(Reply.text("a"), Reply.text("b"));
    String id;
    List<JsonNode> events;
    JsonNode got;
    try (OpenSession session = first.plainSession(script)) {
      session.turn("One");
      id = session.id();
      events = session.listed();
      got = session.get();
    }
    int agents = first.sdk().beta().agents().list().items().size();
    first.steward().stop();
    first.leave();
    long startedNanos = System.nanoTime();
    Stage second = first.restarted();
    current = second;
    System.out.printf(
        "start on an old data directory: %.1f s%n", (System.nanoTime() - startedNanos) / 1e9);

    try (OpenSession session = OpenSession.attach(second, id, script)) {
      assertEquals(events, session.listed());
      assertEquals(WallTime.without(got), WallTime.without(session.get()));
      assertEquals(agents, second.sdk().beta().agents().list().items().size());
      session.turn("Two");
      assertEquals("b", OpenSession.text(session.listed("agent.message").getLast()));
    }
  }

  @ParameterizedTest
  @FieldSource("CHILDREN")
  @Order(3)
  void a_killed_child_comes_back_and_the_session_goes_on(String child) throws Exception {
    Stage stage = stage();
    Script script =
        Script.byTurn(
            Reply.bash("echo one > f"), Reply.text("a"), Reply.bash("cat f"), Reply.text("b"));
    String id;
    try (OpenSession session = stage.session(script)) {
      session.turn("Before");
      id = session.id();
    }
    long old = stage.steward().pid(child);
    Processes.kill(old);
    Patience.until(
        BACK_WITHIN,
        () -> child + " is back" + stage.steward().logTail(),
        () -> stage.steward().hasRestarted(child, old) && stage.steward().isReady());

    assertNotEquals(old, stage.steward().pid(child));
    try (OpenSession session = OpenSession.attach(stage, id, script)) {
      session.send("After");
      session.await("session.status_idle", BACK_WITHIN, event -> true);
      assertEquals(
          "one",
          script.requests().getLast().toolResults().getFirst().text().strip(),
          session::describe);
    }
  }

  private Stage stage() {
    if (current == null) {
      throw new IllegalStateException("no stage");
    }
    return current;
  }

  /// Waits until the command inside a sandbox has begun, as the processes of the host show.
  private static void awaitProcess(Stage stage, String command) throws Exception {
    Patience.until(
        Duration.ofSeconds(20),
        () -> command + " runs" + stage.steward().logTail(),
        () ->
            Processes.mentioning(command).stream()
                .anyMatch(process -> process.strip().matches("\\d+ " + command)));
  }

  /// Waits until the queued message was processed and its turn is over, by the list alone: the
  /// stream may have been opened after that.
  private static void awaitAnswered(OpenSession session, String message) throws Exception {
    Patience.until(
        Duration.ofSeconds(60),
        () -> "the queued message is answered" + session.listed() + session.describe(),
        () -> {
          List<JsonNode> events = session.listed();
          boolean processed =
              events.stream()
                  .anyMatch(event ->
                      event.path("id").asText().equals(message)
                          && event.path("processed_at").isTextual());
          return processed && events.getLast().path("type").asText().equals("session.status_idle");
        });
  }

  private static List<JsonNode> resultsOf(OpenSession session, JsonNode call) {
    List<JsonNode> results = new ArrayList<>();
    for (JsonNode event : session.listed("agent.tool_result")) {
      if (event.path("tool_use_id").equals(call.path("id"))) {
        results.add(event);
      }
    }
    return results;
  }
}
