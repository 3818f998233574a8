package io.steward.harness.partition;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.steward.harness.decide.Speculation;
import io.steward.harness.metric.Metrics;
import io.steward.harness.stage.Sessions;
import io.steward.harness.trace.Spans;
import io.steward.schemas.event.ContentBlock;
import io.steward.schemas.event.RequestUsage;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.event.StopReason;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.record.LoggedRecord;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.sandbox.ToolResult;
import io.steward.schemas.session.ToolCall;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// One turn, record by record, under a clock that is set by hand.
class TurnClockTest {
  private static final Instant ZERO = Instant.parse("2026-11-20T12:00:00Z");
  private static final SessionId ID = new SessionId("sesn_011111111111111111111111");

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private Instant now = ZERO;
  private final OwnedSession session =
      new OwnedSession(
          ID,
          new TurnWatch(
              new ToolForecast(Speculation.OFF),
              new Metrics(registry, Sessions.MODELS),
              () -> now,
              Spans.off().session()));
  private long offset;

  @Test
  void the_overhead_of_a_turn_is_what_neither_the_model_nor_a_tool_took() {
    begin();
    at(10);
    Runnable answered = session.watch().turns().asked();
    at(40);
    answered.run();
    at(100);
    session.watch().answered(bash(), result());
    session.watch().answered(bash(), result());
    at(110);
    end();

    Timer turn = registry.get("steward.harness.turn").tag("end", "end_turn").timer();
    assertEquals(1, turn.count());
    assertEquals(110, turn.totalTime(TimeUnit.MILLISECONDS));
    Timer overhead = registry.get("steward.harness.turn.overhead").timer();
    assertEquals(30, overhead.totalTime(TimeUnit.MILLISECONDS));
    assertEquals(1, registry.get("steward.harness.tool.results").counter().count());
  }

  @Test
  void a_turn_that_was_put_off_has_a_time_and_no_overhead() {
    begin();
    event(new SessionEvent.SessionStatusRescheduled("sevt_x", now));
    session
        .watch()
        .turns()
        .folded(
            session.session(),
            record(
                new SessionRecord.EventRecorded(
                    new SessionEvent.SessionStatusIdle(
                        "sevt_i", new StopReason.RetriesExhausted(), null, now))));

    assertEquals(
        1, registry.get("steward.harness.turn").tag("end", "retries_exhausted").timer().count());
    assertEquals(0, registry.get("steward.harness.turn.overhead").timer().count());
  }

  @Test
  void a_session_counts_as_what_it_waits_for_until_it_leaves() {
    begin();
    assertEquals(1, waiting("model"));

    end();
    assertEquals(0, waiting("model"));
    assertEquals(0, waiting("harness"));

    fold(said());
    assertEquals(1, waiting("harness"));

    session.leave();
    session.leave();
    assertEquals(0, waiting("harness"));
  }

  @Test
  void tokens_are_counted_once_for_each_request() {
    begin();
    end();

    assertEquals(7, registry.get("steward.harness.tokens").tag("kind", "input").counter().count());
    assertEquals(
        1,
        registry
            .get("steward.harness.model.requests")
            .tag("outcome", "answered")
            .counter()
            .count());
  }

  private double waiting(String reason) {
    return registry.get("steward.harness.sessions").tag("waits_for", reason).gauge().value();
  }

  private void at(long millis) {
    now = ZERO.plusMillis(millis);
  }

  /// A message at rest, and the model is asked.
  private void begin() {
    fold(Sessions.created(ID, "cloud", List.of()));
    fold(said());
    event(new SessionEvent.SessionStatusRunning("sevt_r", now));
    event(message().processed(now));
    event(new SessionEvent.SpanModelRequestStart("sevt_s", now));
  }

  private void end() {
    RequestUsage usage = new RequestUsage(7, 5, 0, 0);
    event(new SessionEvent.AgentMessage("sevt_a", List.of(new ContentBlock.Text("Ho")), now));
    fold(
        new SessionRecord.ModelResponse(
            "sevt_s",
            "m",
            List.of(JsonNodeFactory.instance.objectNode().put("type", "text").put("text", "Ho")),
            Map.of(),
            "end_turn",
            null,
            usage));
    event(new SessionEvent.SpanModelRequestEnd("sevt_e", "sevt_s", false, usage, now));
    event(new SessionEvent.SessionStatusIdle("sevt_i", new StopReason.EndTurn(), null, now));
  }

  private static SessionEvent.UserMessage message() {
    return new SessionEvent.UserMessage("sevt_m", List.of(new ContentBlock.Text("Hi")), null);
  }

  private static SessionRecord said() {
    return new SessionRecord.EventsSent(List.of(message()));
  }

  private void event(SessionEvent event) {
    fold(new SessionRecord.EventRecorded(event));
  }

  private void fold(SessionRecord body) {
    session.fold(record(body), 100);
  }

  private LoggedRecord record(SessionRecord body) {
    return new LoggedRecord(ID, "rec_" + offset, offset++, now, body);
  }

  private static ToolCall bash() {
    return new ToolCall(
        "sevt_t",
        "toolu_1",
        ToolCall.Kind.BUILT_IN,
        null,
        "bash",
        JsonNodeFactory.instance.objectNode(),
        ToolCall.State.RUNNING,
        null,
        null);
  }

  private static ToolResult result() {
    return new ToolResult(
        ID,
        "sevt_t",
        ToolResult.Outcome.COMPLETED,
        false,
        List.of(new ContentBlock.Text("done")),
        50);
  }
}
