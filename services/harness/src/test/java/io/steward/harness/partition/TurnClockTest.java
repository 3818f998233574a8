package io.steward.harness.partition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.steward.harness.decide.ModelFailure;
import io.steward.harness.decide.ModelOutcome;
import io.steward.harness.decide.Speculation;
import io.steward.harness.metric.Metrics;
import io.steward.harness.stage.Sessions;
import io.steward.harness.trace.Spans;
import io.steward.schemas.agent.McpServer;
import io.steward.schemas.event.Budget;
import io.steward.schemas.event.ContentBlock;
import io.steward.schemas.event.Money;
import io.steward.schemas.event.RequestUsage;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.event.StopReason;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.record.LoggedRecord;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.resource.SessionResource;
import io.steward.schemas.sandbox.ToolResult;
import io.steward.schemas.session.ToolCall;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
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

    assertEquals(1, turn("end_turn").count());
    assertEquals(110, turn("end_turn").totalTime(TimeUnit.MILLISECONDS));
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

    assertEquals(1, turn("retries_exhausted").count());
    assertEquals(0, overheads());
  }

  @Test
  void an_interrupted_turn_has_a_time_and_no_overhead_and_blames_nobody_for_its_request() {
    begin();
    var _ = session.watch().turns().asked();
    at(60_000);
    interrupt();

    assertEquals(60_000, turn("end_turn").totalTime(TimeUnit.MILLISECONDS));
    assertEquals(0, overheads());
    assertEquals(Map.of("interrupted", 1.0), requests());
  }

  @Test
  void a_turn_after_an_interrupted_one_has_its_overhead() {
    begin();
    interrupt();

    fold(said());
    event(new SessionEvent.SessionStatusRunning("sevt_r2", now));
    event(new SessionEvent.SpanModelRequestStart("sevt_s", now));
    end();

    assertEquals(1, overheads());
  }

  @Test
  void a_turn_that_ended_with_its_session_has_no_overhead() {
    begin();
    event(new SessionEvent.SessionStatusTerminated("sevt_x", now));

    assertEquals(1, turn("terminated").count());
    assertEquals(0, overheads());
  }

  @Test
  void only_a_request_that_the_provider_did_not_answer_has_failed() {
    begin();
    requestEnds(true, RequestUsage.NONE);
    assertEquals(Map.of("lost", 1.0), requests());

    event(new SessionEvent.SpanModelRequestStart("sevt_s", now));
    session.calling(new ModelCall("sevt_s", Thread.ofVirtual().unstarted(() -> {})));
    ModelFailure overloaded = ModelFailure.of(ModelFailure.Kind.OVERLOADED, "Overloaded.");
    assertTrue(
        session.answered(
            new Mail.Answered(
                ID, "sevt_s", new ModelOutcome.Failed(overloaded, RequestUsage.NONE))));
    requestEnds(true, RequestUsage.NONE);
    assertEquals(Map.of("lost", 1.0, "failed", 1.0), requests());
  }

  @Test
  void a_turn_that_waited_for_an_mcp_server_has_no_overhead() {
    McpServer server = new McpServer("tracker", "https://mcp.example.com/mcp");
    fold(created(List.of(server), List.of(), null));
    ask();
    end();

    assertEquals(1, turn("end_turn").count());
    assertEquals(0, overheads());
  }

  @Test
  void a_turn_that_waited_for_a_repository_has_no_overhead() {
    fold(created(List.of(), List.of(World.REPOSITORY), null));
    ask();
    end();

    assertEquals(1, turn("end_turn").count());
    assertEquals(0, overheads());
  }

  @Test
  void a_message_that_waits_for_the_budget_is_not_timed() {
    fold(created(List.of(), List.of(), Budget.limit(new Money("0.000001", Money.USD))));
    ask();
    answer();
    event(new SessionEvent.SessionStatusIdle("sevt_i", new StopReason.BudgetReached(), null, now));
    assertEquals(1, turn("budget_reached").count());

    fold(said());
    at(7_200_000);
    event(new SessionEvent.SessionStatusRunning("sevt_r2", now));
    event(new SessionEvent.SessionStatusIdle("sevt_i2", new StopReason.EndTurn(), null, now));

    assertEquals(0, turn("end_turn").count());
    assertEquals(1, overheads());
  }

  @Test
  void an_abandoned_session_waits_for_nothing_whatever_is_read_of_it() {
    begin();

    session.abandon();
    fold(said());
    session.setAside(offset, "garbage");

    assertEquals(0, waiting("model"));
    assertEquals(0, waiting("harness"));
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
    assertEquals(Map.of("answered", 1.0), requests());
  }

  private Timer turn(String end) {
    return registry.get("steward.harness.turn").tag("end", end).timer();
  }

  private long overheads() {
    return registry.get("steward.harness.turn.overhead").timer().count();
  }

  /// How many model requests had each outcome, of those that any had.
  private Map<String, Double> requests() {
    return registry.get("steward.harness.model.requests").counters().stream()
        .filter(counter -> counter.count() > 0)
        .collect(
            Collectors.toMap(
                counter -> String.valueOf(counter.getId().getTag("outcome")), Counter::count));
  }

  private double waiting(String reason) {
    return registry.get("steward.harness.sessions").tag("waits_for", reason).gauge().value();
  }

  private void at(long millis) {
    now = ZERO.plusMillis(millis);
  }

  /// A message at rest, and the model is asked.
  private void begin() {
    fold(created(List.of(), List.of(), null));
    ask();
  }

  private void ask() {
    fold(said());
    event(new SessionEvent.SessionStatusRunning("sevt_r", now));
    event(message().processed(now));
    event(new SessionEvent.SpanModelRequestStart("sevt_s", now));
  }

  private static SessionRecord created(
      List<McpServer> servers, List<SessionResource> resources, @Nullable Budget budget) {
    return Sessions.created(ID, "cloud", ID.value(), List.of(), servers, resources, budget);
  }

  private void end() {
    answer();
    event(new SessionEvent.SessionStatusIdle("sevt_i", new StopReason.EndTurn(), null, now));
  }

  private void interrupt() {
    SessionEvent.UserInterrupt interrupt = new SessionEvent.UserInterrupt("sevt_u", null, null);
    fold(new SessionRecord.EventsSent(List.of(interrupt)));
    requestEnds(true, RequestUsage.NONE);
    event(interrupt.processed(now));
    event(new SessionEvent.SessionStatusIdle("sevt_i", new StopReason.EndTurn(), null, now));
  }

  private void requestEnds(boolean isError, RequestUsage usage) {
    event(new SessionEvent.SpanModelRequestEnd("sevt_e", "sevt_s", isError, usage, now));
  }

  private void answer() {
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
    requestEnds(false, usage);
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
