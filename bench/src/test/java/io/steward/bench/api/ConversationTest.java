package io.steward.bench.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.bench.load.OpenLoop;
import io.steward.bench.load.Recording;
import io.steward.bench.load.Schedule;
import io.steward.bench.model.TimedModel;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The load generator, the model and the client together, against a stub in the place of Steward.
class ConversationTest {
  private TimedModel model;
  private StubSteward steward;
  private Api api;

  @BeforeEach
  void start() throws IOException {
    model = TimedModel.start();
    steward = StubSteward.start(model.baseUrl());
    api = new Api(steward.baseUrl(), "key");
  }

  @AfterEach
  void stop() {
    steward.close();
    model.close();
  }

  @Test
  void a_turn_knows_when_the_model_was_asked_and_when_it_was_over() throws Exception {
    try (Conversation session = Conversation.open(api, model, "sesn_1", true)) {
      long before = System.nanoTime();
      Turn turn = session.turn(Conversation.Wish.PLAIN);

      List<Long> requests = turn.exchange().requestsNanos();
      assertEquals(1, requests.size());
      assertTrue(before <= requests.getFirst());
      assertTrue(requests.getFirst() <= turn.exchange().replyEndsNanos().getFirst());
      assertTrue(turn.exchange().chunkNanos(0) <= turn.deltaNanos()[0]);
      assertTrue(turn.deltaNanos()[0] <= turn.idleNanos());
    }
  }

  @Test
  void every_piece_is_matched_with_its_delta() throws Exception {
    try (Conversation session = Conversation.open(api, model, "sesn_1", true)) {
      Turn turn = session.turn(cue -> cue.inChunks(20, Duration.ofMillis(2)));

      for (int i = 0; i < 20; i++) {
        assertTrue(turn.exchange().chunkNanos(i) > 0, "piece " + i + " was written");
        assertTrue(turn.deltaNanos()[i] > 0, "piece " + i + " was seen");
      }
      assertEquals(20, Arrays.stream(turn.deltaNanos()).sorted().distinct().count());
    }
  }

  @Test
  void a_turn_with_tools_asks_the_model_once_more_for_each_call() throws Exception {
    try (Conversation session = Conversation.open(api, model, "sesn_1", false)) {
      Turn turn = session.turn(cue -> cue.withTools(3));

      assertEquals(4, turn.exchange().requestsNanos().size());
      assertEquals(4, turn.exchange().replyEndsNanos().size());
    }
  }

  @Test
  void a_call_that_fails_fails_its_turn() throws Exception {
    steward.results("No sandbox is available.", true);

    assertEquals(
        "a call of bash failed: [{\"type\":\"text\",\"text\":\"No sandbox is available.\"}]",
        failure(cue -> cue.withTools(2)));
  }

  @Test
  void a_call_that_prints_something_else_fails_its_turn() throws Exception {
    steward.results("$ echo bench-$((6*7))", false);

    assertEquals(
        "a call of bash did not print bench-42: "
            + "[{\"type\":\"text\",\"text\":\"$ echo bench-$((6*7))\"}]",
        failure(cue -> cue.withTools(1)));
  }

  @Test
  void a_turn_that_ends_otherwise_than_it_should_fails_with_what_was_said() throws Exception {
    steward.endsTurns("retries_exhausted", "The provider did not answer.");

    assertEquals(
        "a turn ended with retries_exhausted instead of end_turn: The provider did not answer.",
        failure(Conversation.Wish.PLAIN));
  }

  @Test
  void a_turn_after_one_that_failed_is_judged_by_itself() throws Exception {
    try (Conversation session = Conversation.open(api, model, "sesn_1", false)) {
      steward.results("Not now.", true);
      assertThrows(FailedTurnException.class, () -> session.turn(cue -> cue.withTools(1)));
      steward.results("bench-42\\n", false);

      Turn turn = session.turn(cue -> cue.withTools(1));

      assertEquals(2, turn.exchange().requestsNanos().size());
    }
  }

  @Test
  void a_session_is_woken_by_its_message_alone() throws Exception {
    Conversation session = Conversation.unopened(api, model, "sesn_1");
    for (int i = 0; i < 2; i++) {
      Turn turn = session.turn(cue -> cue.after(Duration.ofMillis(50)));

      assertEquals(1, turn.exchange().requestsNanos().size());
      assertTrue(turn.exchange().replyEndsNanos().getFirst() <= turn.idleNanos());
    }

    assertEquals(0, steward.streams());
    steward.endsTurns("retries_exhausted", "");
    assertThrows(FailedTurnException.class, () -> session.turn(Conversation.Wish.PLAIN));
  }

  @Test
  void a_load_over_few_sessions_does_every_turn_of_its_schedule() throws Exception {
    Recording times = new Recording();
    try (Conversation one = Conversation.open(api, model, "sesn_1", false);
        Conversation two = Conversation.open(api, model, "sesn_2", false)) {
      List<Conversation> sessions = List.of(one, two);

      OpenLoop.Outcome outcome =
          OpenLoop.run(
              Schedule.atRate(100, Duration.ofSeconds(1)),
              (index, intendedNanos) -> {
                Turn turn = sessions.get(index % 2).turn(Conversation.Wish.PLAIN);
                times.add(turn.idleNanos() - intendedNanos);
              });

      assertEquals(new OpenLoop.Outcome(100, 0, List.of(), outcome.lateNanosMax()), outcome);
      assertEquals(100, times.latencies().count());
    }
  }

  @Test
  void what_is_not_accepted_is_told() throws Exception {
    try (Conversation session = Conversation.open(api, model, "sesn_1", false)) {
      steward.refuse(1);

      String message =
          String.valueOf(
              assertThrows(IOException.class, () -> session.turn(Conversation.Wish.PLAIN))
                  .getMessage());

      assertTrue(
          message.startsWith("POST /v1/sessions/sesn_1/events was answered with 503"), message);
    }
  }

  @Test
  void a_stream_that_is_refused_is_told() {
    steward.refuse(1);

    IOException refused =
        assertThrows(
            IOException.class, () -> Conversation.open(api, model, "sesn_1", false).close());

    assertEquals("the stream was answered with 503", refused.getMessage());
  }

  private String failure(Conversation.Wish wish) throws Exception {
    try (Conversation session = Conversation.open(api, model, "sesn_1", false)) {
      return String.valueOf(
          assertThrows(FailedTurnException.class, () -> session.turn(wish)).getMessage());
    }
  }
}
