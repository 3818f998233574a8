package io.steward.schemas.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.event.StopReason;
import io.steward.schemas.json.Json;
import io.steward.schemas.record.LoggedRecord;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.trace.TraceContext;
import io.steward.schemas.trace.TurnTraces;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// The fold keeps what a new owner of a session needs to continue the trace of its turn.
class TracedTurnsTest {
  private static final TraceContext FIRST = context('a');
  private static final TraceContext SECOND = context('b');
  private static final TraceContext TURN = context('c');
  private static final Instant START = Instant.parse("2026-11-20T10:00:00Z");

  private Session session = Session.ABSENT;
  private long offset;

  private static TraceContext context(char digit) {
    String id = String.valueOf(digit);
    return new TraceContext("00-" + id.repeat(32) + "-" + id.repeat(16) + "-01", null);
  }

  private void record(SessionRecord body, @Nullable TraceContext trace) {
    session =
        session.apply(
            new LoggedRecord(
                Wire.SESSION, "rec" + offset, offset, START.plusMillis(offset), body, trace));
    offset++;
  }

  private void recorded(SessionEvent event, @Nullable TraceContext trace) {
    record(new SessionRecord.EventRecorded(event), trace);
  }

  private TurnTraces traces() {
    TurnTraces traces = session.known().orElseThrow().traces();
    return traces == null ? TurnTraces.NONE : traces;
  }

  @Test
  void a_turn_belongs_to_the_request_with_the_oldest_message_that_waits() {
    record(Wire.created(Wire.CLOUD), null);
    SessionEvent.UserMessage one = Wire.message("one");
    SessionEvent.UserMessage two = Wire.message("two");

    record(new SessionRecord.EventsSent(List.of(one)), FIRST);
    record(new SessionRecord.EventsSent(List.of(two)), SECOND);
    assertEquals(FIRST, traces().next());
    recorded(new SessionEvent.SessionStatusRunning("sevt_r", START), TURN);
    recorded(one.processed(START), TURN);

    assertEquals(new TurnTraces.Turn(TURN, FIRST, START.plusMillis(3)), traces().turn());
    assertEquals(SECOND, traces().next());
    recorded(
        new SessionEvent.SessionStatusIdle("sevt_i", new StopReason.EndTurn(), null, START), TURN);
    assertNull(traces().turn());
    assertEquals(TURN, traces().former());
    assertEquals(session, Json.read(Json.bytes(session), Session.class));
  }

  @Test
  void a_session_nobody_traces_says_nothing_of_traces() {
    record(Wire.created(Wire.CLOUD), null);
    record(new SessionRecord.EventsSent(List.of(Wire.message("one"))), null);
    recorded(new SessionEvent.SessionStatusRunning("sevt_r", START), null);

    String json = new String(Json.bytes(session), StandardCharsets.UTF_8);

    assertEquals(TurnTraces.NONE, traces());
    assertEquals(-1, json.indexOf("traces"));
  }

  @Test
  void a_message_that_is_discarded_is_no_parent_of_a_later_turn() {
    record(Wire.created(Wire.CLOUD), null);
    SessionEvent.UserMessage lost = Wire.message("lost");
    record(new SessionRecord.EventsSent(List.of(lost)), FIRST);
    recorded(lost.processed(START), null);

    assertNull(traces().next());
  }
}
