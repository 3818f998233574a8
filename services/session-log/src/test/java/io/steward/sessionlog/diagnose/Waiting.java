package io.steward.sessionlog.diagnose;

import static io.steward.sessionlog.Samples.ID;
import static io.steward.sessionlog.Samples.T0;
import static io.steward.sessionlog.Samples.created;
import static io.steward.sessionlog.Samples.json;
import static io.steward.sessionlog.Samples.message;
import static io.steward.sessionlog.Samples.selfHosted;

import io.steward.schemas.event.ErrorDetail;
import io.steward.schemas.event.Evaluation.Permission;
import io.steward.schemas.event.RequestUsage;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.event.StopReason;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.progress.SessionProgress;
import io.steward.schemas.record.LoggedRecord;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.session.Session;
import io.steward.sessionlog.work.WorkItem;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A session that is made to wait, one record a second, and who looks at it when.
final class Waiting {
  private final List<SessionEvent> events = new ArrayList<>();
  private final List<Heard> heard = new ArrayList<>();
  private final List<SessionRecord> records = new ArrayList<>();
  private final SessionId id;
  private final Instant begin;
  private Session session = Session.ABSENT;
  private @Nullable WorkItem work;
  private int polling;
  private Service.State service = new Service.State.Unknown();

  private Waiting(SessionRecord.Created created, Instant begin) {
    this.id = created.id();
    this.begin = begin;
    record(created);
  }

  /// A new session.
  static Waiting idle() {
    return of(created(List.of()));
  }

  static Waiting of(SessionRecord.Created created) {
    return new Waiting(created, T0);
  }

  /// A session that began so many seconds before now.
  static Waiting of(SessionRecord.Created created, Instant now, long seconds) {
    return new Waiting(created, now.minusSeconds(seconds));
  }

  /// The same, in a self-hosted environment.
  static Waiting idleSelfHosted() {
    return of(selfHosted(ID));
  }

  /// Seconds after [io.steward.sessionlog.Samples#T0].
  static Instant at(long second) {
    return T0.plusSeconds(second);
  }

  Waiting record(SessionRecord record) {
    long offset = records.size();
    records.add(record);
    session = session.apply(new LoggedRecord(id, "rec_" + offset, offset, time(offset), record));
    return this;
  }

  Waiting event(Function<Instant, SessionEvent> made) {
    SessionEvent event = made.apply(time(records.size()));
    events.addFirst(event);
    return record(new SessionRecord.EventRecorded(event));
  }

  /// A message is sent: offset and second 1.
  Waiting sent() {
    return record(new SessionRecord.EventsSent(List.of(message("sevt_m"))));
  }

  /// It is sent and taken up; the newest record is at second 4.
  Waiting running() {
    return sent()
        .event(time ->
            new SessionEvent.SessionThreadStatusRunning("r1", id.primaryThreadId(), "Coder", time))
        .event(time -> new SessionEvent.SessionStatusRunning("r2", time))
        .event(time -> message("sevt_m").processed(time));
  }

  /// The model is asked at second 5.
  Waiting asked() {
    return running().event(time -> new SessionEvent.SpanModelRequestStart("sevt_span", time));
  }

  /// The model is asked, and its reply calls a tool at second 6.
  Waiting calls(Function<Instant, SessionEvent> call) {
    return asked()
        .event(call)
        .record(
            new SessionRecord.ModelResponse(
                "sevt_span",
                "m",
                List.of(json("{'type':'tool_use','id':'toolu_1'}")),
                Map.of("toolu_1", "sevt_call"),
                "tool_use",
                null,
                RequestUsage.NONE))
        .event(time ->
            new SessionEvent.SpanModelRequestEnd(
                "e1", "sevt_span", false, RequestUsage.NONE, time));
  }

  /// The reply calls `bash`.
  Waiting bash(Permission permission) {
    return calls(time ->
        new SessionEvent.AgentToolUse(
            "sevt_call", "bash", json("{'command':'secret'}"), permission, null, time));
  }

  /// Nobody here has anything to do: second 9, and 10.
  Waiting asksClient() {
    return idle(new StopReason.RequiresAction(List.of("sevt_call")));
  }

  Waiting idle(StopReason reason) {
    return event(time ->
            new SessionEvent.SessionThreadStatusIdle(
                "i1", id.primaryThreadId(), "Coder", reason, null, time))
        .event(time -> new SessionEvent.SessionStatusIdle("i2", reason, null, time));
  }

  /// The request failed at seconds 6 to 10, and is repeated at second 40.
  Waiting failed(String errorType) {
    return asked()
        .event(time ->
            new SessionEvent.SpanModelRequestEnd("e1", "sevt_span", true, RequestUsage.NONE, time))
        .error(errorType, ErrorDetail.Kind.RETRYING)
        .event(time -> new SessionEvent.SessionStatusRescheduled("s1", time))
        .event(time ->
            new SessionEvent.SessionThreadStatusRescheduled(
                "s2", id.primaryThreadId(), "Coder", time))
        .record(new SessionRecord.RetryScheduled(3, time(40)));
  }

  Waiting error(String type, ErrorDetail.Kind kind) {
    return event(time ->
        new SessionEvent.SessionError(
            "er",
            new ErrorDetail(type, "The provider said so", new ErrorDetail.RetryStatus(kind)),
            time));
  }

  /// Something is told of slow work.
  Waiting told(
      String about,
      SessionProgress.Activity activity,
      long since,
      @Nullable Long deadline,
      long toldAt) {
    heard.add(
        new Heard(
            new SessionProgress(
                ID, about, activity, at(since), deadline == null ? null : at(deadline)),
            at(toldAt)));
    return this;
  }

  Waiting service(Service.State state) {
    service = state;
    return this;
  }

  Waiting work(@Nullable WorkItem item, int workersPolling) {
    work = item;
    polling = workersPolling;
    return this;
  }

  Session session() {
    return session;
  }

  /// What a summary of the conversation is named by, as it is now.
  String summaryId() {
    return session.known().orElseThrow().transcript().summaryId();
  }

  SessionId id() {
    return id;
  }

  /// Everything on its log.
  List<SessionRecord> records() {
    return records;
  }

  /// When the record at an offset was written.
  Instant time(long second) {
    return begin.plusSeconds(second);
  }

  /// What is found at that second.
  Diagnosis seenAt(long second) {
    return Diagnoses.of(
        new Situation(
            session,
            session.known().orElseThrow(),
            events,
            heard.stream().filter(told -> told.holds(at(second))).toList(),
            Optional.ofNullable(work),
            polling,
            service,
            at(second)));
  }
}
