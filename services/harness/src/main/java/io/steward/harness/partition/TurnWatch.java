package io.steward.harness.partition;

import io.steward.harness.decide.Decision;
import io.steward.harness.metric.Metrics;
import io.steward.harness.trace.ModelSpan;
import io.steward.harness.trace.SessionSpans;
import io.steward.schemas.agent.ToolConfig;
import io.steward.schemas.event.Evaluation;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.event.StopReason;
import io.steward.schemas.record.LoggedRecord;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.sandbox.SandboxCommand;
import io.steward.schemas.sandbox.ToolResult;
import io.steward.schemas.session.Session;
import io.steward.schemas.session.SessionFacts;
import io.steward.schemas.session.ToolCall;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// Follows the turns of one session: what they teach about its agent, and how long they take to
/// their first token and their first tool. Only turns whose beginning this owner saw count. Belongs
/// to the loop's thread.
final class TurnWatch {
  private final ToolForecast forecast;
  private final Metrics metrics;
  private final InstantSource clock;
  private final SessionSpans spans;
  private final TurnClock turns;

  /// When the message was read that the turn answers; null when nobody saw that, and once a person
  /// has to act, whose time is not ours.
  private @Nullable Instant readAt;

  private boolean turn;
  private boolean called;
  private boolean preparing;
  private @Nullable Instant sandboxUsedAt;

  TurnWatch(ToolForecast forecast, Metrics metrics, InstantSource clock, SessionSpans spans) {
    this.forecast = forecast;
    this.metrics = metrics;
    this.clock = clock;
    this.spans = spans;
    this.turns = new TurnClock(metrics.turns(), clock);
  }

  /// Its spans.
  SessionSpans spans() {
    return spans;
  }

  /// Its turns in figures.
  TurnClock turns() {
    return turns;
  }

  /// A record was folded.
  void folded(Session before, LoggedRecord record) {
    spans.folded(before, record);
    turns.folded(before, record);
    switch (record.body()) {
      case SessionRecord.Created created -> sent(before, created.initialEvents());
      case SessionRecord.EventsSent sent -> sent(before, sent.events());
      case SessionRecord.EventRecorded(SessionEvent event) ->
          before.known().ifPresent(facts -> follow(before, facts, event));
      default -> {}
    }
  }

  /// A message that waits behind a running turn, or for a budget to be raised, is not timed: what
  /// it waits for is not ours.
  private void sent(Session before, List<SessionEvent> events) {
    if (rests(before)
        && readAt == null
        && events.stream().anyMatch(SessionEvent.UserMessage.class::isInstance)) {
      Instant now = clock.instant();
      readAt = now;
      turns.begins(now);
    }
  }

  private static boolean rests(Session session) {
    return session instanceof Session.Absent
        || (session instanceof Session.Idle idle
            && !idle.requiresAction()
            && !idle.midTurn()
            && !idle.atBudget());
  }

  private void follow(Session before, SessionFacts facts, SessionEvent event) {
    switch (event) {
      case SessionEvent.SessionStatusRunning _ -> {
        if (before instanceof Session.Idle idle && !idle.requiresAction() && !idle.midTurn()) {
          turn = true;
        }
      }
      case SessionEvent.AgentToolUse use when callsSandbox(facts, use) -> {
        sandboxUsedAt = use.processedAt();
        calledTool(facts.agent().id());
      }
      case SessionEvent.AgentToolResult result when called -> sandboxUsedAt = result.processedAt();
      case SessionEvent.SessionStatusIdle idle -> {
        readAt = null;
        if (!(idle.stopReason() instanceof StopReason.RequiresAction)) {
          ended(facts.agent().id());
        }
      }
      case SessionEvent.SessionStatusTerminated _ -> ended(facts.agent().id());
      default -> {}
    }
  }

  private static boolean callsSandbox(SessionFacts facts, SessionEvent.AgentToolUse use) {
    return !facts.environment().selfHosted()
        && !ToolConfig.WEB_TOOLS.contains(use.name())
        && use.evaluatedPermission() != Evaluation.Permission.DENY;
  }

  private void calledTool(String agentId) {
    if (!called && turn) {
      forecast.seen(agentId, true);
      if (preparing) {
        metrics.speculated(Metrics.Speculated.USED);
      }
    }
    called = true;
  }

  private void ended(String agentId) {
    if (turn && !called) {
      forecast.seen(agentId, false);
      if (preparing) {
        metrics.speculated(Metrics.Speculated.UNUSED);
      }
    }
    readAt = null;
    turn = false;
    called = false;
    preparing = false;
  }

  /// The decision as it is to be written: with a command for a sandbox when one will be wanted.
  Decision ahead(Decision decision) {
    Optional<SandboxCommand.PrepareSandbox> prepare =
        decision
            .after()
            .known()
            .flatMap(facts -> forecast.ahead(decision, facts.agent().id(), sandboxUsedAt));
    if (prepare.isEmpty() || called) {
      return decision;
    }
    if (!preparing) {
      metrics.speculated(Metrics.Speculated.ASKED);
    }
    preparing = true;
    return decision.with(prepare.get());
  }

  /// To be run, by any thread, when the first of a reply is there; later runs do nothing.
  Runnable firstToken(ModelSpan span) {
    Instant read = called ? null : readAt;
    AtomicBoolean seen = new AtomicBoolean();
    return () -> {
      if (seen.compareAndSet(false, true)) {
        span.firstToken();
        if (read != null) {
          metrics.firstToken(Duration.between(read, clock.instant()));
        }
      }
    };
  }

  /// A result came that is awaited.
  void answered(ToolCall call, ToolResult result) {
    turns.toolAnswered(call, result);
    Instant read = readAt;
    if (read != null) {
      Duration start =
          Duration.between(read, clock.instant()).minus(Duration.ofMillis(result.durationMs()));
      metrics.firstTool(start.isNegative() ? Duration.ZERO : start, call.runsOutside(), preparing);
      readAt = null;
    }
  }
}
