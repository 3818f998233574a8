package io.steward.harness.decide;

import io.steward.schemas.egress.EgressCommand;
import io.steward.schemas.event.ErrorDetail;
import io.steward.schemas.event.RequestUsage;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.event.StopDetails;
import io.steward.schemas.event.StopReason;
import io.steward.schemas.record.LoggedRecord;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.sandbox.SandboxCommand;
import io.steward.schemas.session.Phase;
import io.steward.schemas.session.Session;
import io.steward.schemas.session.SessionFacts;
import io.steward.schemas.session.ToolCall;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A decision being written. Each record is folded as it is added, so that what follows sees it.
final class Draft {
  private final IdSource ids;
  private final Instant time;
  private final List<DecidedRecord> records = new ArrayList<>();
  private final List<SandboxCommand> commands = new ArrayList<>();
  private final List<EgressCommand> egress = new ArrayList<>();
  private SessionFacts facts;
  private Session session;
  private @Nullable String spanId;

  Draft(Session.Live session, IdSource ids, Instant now) {
    this.session = session;
    this.facts = session.facts();
    this.ids = ids;
    this.time = timeOf(now, facts.lastEventAt());
  }

  /// No event of a session is earlier than the one before it.
  private static Instant timeOf(Instant now, Instant last) {
    Instant milliseconds = now.truncatedTo(ChronoUnit.MILLIS);
    return milliseconds.isBefore(last) ? last : milliseconds;
  }

  Instant time() {
    return time;
  }

  /// The session with everything written so far.
  Session session() {
    return session;
  }

  SessionFacts facts() {
    return facts;
  }

  String eventId() {
    return ids.next("sevt_");
  }

  Draft event(SessionEvent event) {
    return record(new SessionRecord.EventRecorded(event));
  }

  Draft record(SessionRecord body) {
    DecidedRecord record = new DecidedRecord(ids.next("rec_"), body);
    records.add(record);
    session =
        session.apply(
            new LoggedRecord(facts.id(), record.recordId(), facts.nextOffset(), time, body));
    if (!(session instanceof Session.Live live)) {
      throw new IllegalStateException("the decision does not fit the session: " + session);
    }
    facts = live.facts();
    return this;
  }

  Draft command(SandboxCommand command) {
    commands.add(command);
    return this;
  }

  Draft command(EgressCommand command) {
    egress.add(command);
    return this;
  }

  Draft running() {
    event(new SessionEvent.SessionStatusRunning(eventId(), time));
    return event(
        new SessionEvent.SessionThreadStatusRunning(
            eventId(), facts.threadId(), facts.agent().name(), time));
  }

  /// The processed copies of what a client sent.
  Draft processed(List<? extends SessionEvent> input) {
    for (SessionEvent event : input) {
      if (!(event instanceof SessionEvent.ClientEvent sent)) {
        throw new IllegalStateException("not sent by a client: " + event.type());
      }
      event(sent.processed(time));
    }
    return this;
  }

  /// Opens a model request, to be started at once.
  Draft modelRequest() {
    String id = eventId();
    spanId = id;
    return event(new SessionEvent.SpanModelRequestStart(id, time));
  }

  Draft modelRequestEnd(String span, boolean isError, RequestUsage usage) {
    return event(new SessionEvent.SpanModelRequestEnd(eventId(), span, isError, usage, time));
  }

  Draft error(String type, String message, ErrorDetail.Kind kind) {
    ErrorDetail detail = new ErrorDetail(type, message, new ErrorDetail.RetryStatus(kind));
    return error(detail);
  }

  Draft error(ErrorDetail detail) {
    return event(new SessionEvent.SessionError(eventId(), detail, time));
  }

  /// The session comes to its end, and with it its sandbox.
  Draft terminated() {
    if (!facts.environment().selfHosted()) {
      command(new SandboxCommand.EndSandbox(facts.id()));
    }
    return event(new SessionEvent.SessionStatusTerminated(eventId(), time));
  }

  /// A tool call of the reply that is being written.
  ToolCall call(String id) {
    if (session instanceof Session.Running running
        && running.phase() instanceof Phase.ModelRequested requested) {
      return requested.calls().stream()
          .filter(call -> call.id().equals(id))
          .findFirst()
          .orElseThrow();
    }
    throw new IllegalStateException("no reply is being written: " + session);
  }

  /// The thread stops, and with it the session; a session that has reached its budget says so,
  /// whatever stopped its thread.
  Draft idle(StopReason reason, @Nullable StopDetails details) {
    event(
        new SessionEvent.SessionThreadStatusIdle(
            eventId(), facts.threadId(), facts.agent().name(), reason, details, time));
    return facts.budgetReached(time) && !(reason instanceof StopReason.RequiresAction)
        ? sessionIdle(new StopReason.BudgetReached(), null)
        : sessionIdle(reason, details);
  }

  /// The session says that it is idle, its thread having said so before.
  Draft sessionIdle(StopReason reason, @Nullable StopDetails details) {
    event(
        new SessionEvent.SessionUsage(
            eventId(), facts.meter().usageAt(time), facts.budget(), time));
    return event(new SessionEvent.SessionStatusIdle(eventId(), reason, details, time));
  }

  Decision done() {
    return new Decision(facts.id(), time, records, commands, egress, spanId, session);
  }
}
