package io.steward.harness.partition;

import io.steward.harness.metric.Activity;
import io.steward.harness.metric.RequestEnd;
import io.steward.harness.metric.TurnEnd;
import io.steward.harness.metric.TurnMeters;
import io.steward.harness.metric.TurnTime;
import io.steward.schemas.event.RequestUsage;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.record.LoggedRecord;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.sandbox.ToolResult;
import io.steward.schemas.session.Phase;
import io.steward.schemas.session.Session;
import io.steward.schemas.session.SessionFacts;
import io.steward.schemas.session.ToolCall;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/// Measures the turns of one session, and counts what they use. Belongs to the loop's thread, but
/// for what [#asked] returns.
final class TurnClock {
  /// Requests and calls of one turn whose times are kept; a longer turn has no overhead.
  static final int WORK_MAX = 2_000;

  private final TurnMeters meters;
  private final InstantSource clock;
  private Activity activity = Activity.REST;

  /// When the message was read that the turn answers; null while no turn runs whose beginning was
  /// seen.
  private @Nullable Instant begun;

  /// Whether the times of all that was at work in the turn are known.
  private boolean whole = true;

  /// The span of the newest model request that failed.
  private @Nullable String failed;

  private Queue<TurnTime.Work> work = new ConcurrentLinkedQueue<>();
  private final Set<String> answered = new HashSet<>();

  TurnClock(TurnMeters meters, InstantSource clock) {
    this.meters = meters;
    this.clock = clock;
  }

  /// The message of the next turn was read.
  void begins(Instant read) {
    begun = read;
    whole = true;
    work = new ConcurrentLinkedQueue<>();
    answered.clear();
  }

  /// The session is in this state now.
  void is(Session session) {
    whole &= !awaitsOthers(session);
    moved(Activity.of(session));
  }

  /// Whether the model is not asked yet because of repositories or MCP servers. Neither says how
  /// long it took.
  private static boolean awaitsOthers(Session session) {
    return session instanceof Session.Running running
        && running.phase() instanceof Phase.NeedsModel
        && !(running.facts().resources().pending().isEmpty()
            && running.facts().pendingMcpServers().isEmpty());
  }

  /// This instance has no more to do with the session.
  void leaves() {
    moved(Activity.REST);
    begun = null;
  }

  private void moved(Activity now) {
    meters.moved(activity, now);
    activity = now;
  }

  /// A model is asked now.
  ///
  /// @return to be run by any thread when it has answered, once; never when nobody waits for it any
  ///   more
  Runnable asked() {
    Instant from = clock.instant();
    Queue<TurnTime.Work> mine = work;
    return () -> mine.add(new TurnTime.Work(from, clock.instant()));
  }

  /// The model request of a span failed; the log is yet to say so.
  void modelFailed(String spanId) {
    failed = spanId;
  }

  /// A result came that is awaited. It may come again.
  void toolAnswered(ToolCall call, ToolResult result) {
    if (answered.size() < WORK_MAX && answered.add(call.id())) {
      Instant now = clock.instant();
      work.add(new TurnTime.Work(now.minus(Duration.ofMillis(result.durationMs())), now));
      meters.toolAnswered(call, result.outcome());
    }
  }

  /// A record was folded.
  void folded(Session before, LoggedRecord record) {
    SessionFacts facts = before.known().orElse(null);
    if (facts == null) {
      return;
    }
    switch (record.body()) {
      case SessionRecord.ContextSummary summary ->
          used(facts, RequestEnd.ANSWERED, summary.usage());
      case SessionRecord.ContextSummaryFailed summary ->
          used(facts, RequestEnd.FAILED, summary.usage());
      case SessionRecord.EventRecorded(SessionEvent event) -> follow(facts, event);
      default -> {}
    }
  }

  private void follow(SessionFacts facts, SessionEvent event) {
    switch (event) {
      case SessionEvent.SpanModelRequestEnd end -> used(facts, end(facts, end), end.modelUsage());
      case SessionEvent.SessionError error -> meters.failed(error.error().type());
      case SessionEvent.SessionStatusRescheduled _ -> {
        whole = false;
        meters.rescheduled();
      }
      // What is at work is cut off, and does not say for how long it was.
      case SessionEvent.UserInterrupt _ -> whole = false;
      case SessionEvent.SessionStatusIdle idle -> ended(TurnEnd.of(idle.stopReason()));
      case SessionEvent.SessionStatusTerminated _ -> {
        whole = false; // As an interrupt.
        ended(TurnEnd.TERMINATED);
      }
      default -> {}
    }
  }

  /// The log says of each request without an answer that it is an error.
  private RequestEnd end(SessionFacts before, SessionEvent.SpanModelRequestEnd end) {
    if (!Boolean.TRUE.equals(end.isError())) {
      return RequestEnd.ANSWERED;
    }
    if (end.modelRequestStartId().equals(failed)) {
      return RequestEnd.FAILED;
    }
    return before.inbox().nextInterrupts().isEmpty() ? RequestEnd.LOST : RequestEnd.INTERRUPTED;
  }

  private void used(SessionFacts facts, RequestEnd end, RequestUsage usage) {
    meters.modelAnswered(facts.agent().model().id(), end, usage, facts.meter().prices());
  }

  private void ended(TurnEnd end) {
    Instant from = begun;
    if (from != null) {
      List<TurnTime.Work> done = List.copyOf(work);
      meters.turn(new TurnTime(from, clock.instant(), done), end, whole && done.size() < WORK_MAX);
    }
    begun = null;
    answered.clear();
    work = new ConcurrentLinkedQueue<>();
  }
}
