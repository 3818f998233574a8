package io.steward.sessionlog.project;

import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.record.SessionRecordCodec;
import io.steward.schemas.session.Session;
import io.steward.schemas.session.SessionFacts;
import io.steward.schemas.session.Step;
import io.steward.schemas.trace.TraceContext;
import io.steward.sessionlog.view.PublicEvents;
import io.steward.sessionlog.view.SessionSummary;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Which rows records and sessions become. Pure.
final class Rows {
  private static final int FOLD_BYTES_MAX = 16 * 1024 * 1024;
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private Rows() {}

  /// @param schemaVersion of the body
  /// @param writtenAt RFC 3339, exact
  /// @param body null when the record is unreadable or its body is in the blob store
  /// @param unreadable why, or null
  /// @param trace `traceparent`, and behind a space `tracestate` if there is one; or null
  record RecordRow(
      String sessionId,
      long offset,
      String recordId,
      String type,
      boolean mayIgnore,
      int schemaVersion,
      String writtenAt,
      @Nullable String body,
      @Nullable String unreadable,
      @Nullable String trace) {}

  /// @param processedAtNanos since the epoch, or null while the event is queued
  record EventRow(
      String sessionId,
      String eventId,
      long offset,
      int index,
      String type,
      @Nullable Long processedAtNanos,
      String body) {
    EventKey key() {
      return new EventKey(sessionId, eventId);
    }

    /// The one row of an event after another copy of it was read: a queued event moves to its
    /// processed copy, and nothing else ever moves.
    EventRow movedBy(EventRow later) {
      return processedAtNanos == null && later.processedAtNanos != null ? later : this;
    }
  }

  record EventKey(String sessionId, String eventId) {}

  /// @param purge whether its records are to be deleted now
  record SessionRow(
      SessionId id,
      long nextOffset,
      boolean deleted,
      boolean purge,
      boolean unfinished,
      Optional<Shown> shown) {}

  /// A fold that is to be stored.
  ///
  /// @param weight of the records below `nextOffset`
  /// @param session JSON
  record FoldRow(SessionId id, long nextOffset, long weight, String session) {}

  /// What lists show of a session that is known.
  record Shown(
      String workspaceId,
      Instant createdAt,
      String agentId,
      int agentVersion,
      String status,
      boolean archived,
      String agent,
      String summary) {}

  static RecordRow record(ReadRecord.Readable read) {
    return new RecordRow(
        read.record().sessionId().value(),
        read.record().offset(),
        read.keyId(),
        SessionRecordCodec.type(read.record().body()),
        read.decoded().mayIgnore(),
        read.decoded().envelope().schemaVersion(),
        read.record().time().toString(),
        read.inBlob() ? null : new String(read.json(), StandardCharsets.UTF_8),
        null,
        text(read.record().trace()));
  }

  private static @Nullable String text(@Nullable TraceContext trace) {
    if (trace == null) {
      return null;
    }
    return trace.tracestate() == null
        ? trace.traceparent()
        : trace.traceparent() + " " + trace.tracestate();
  }

  /// The context that [RecordRow#trace()] names.
  static @Nullable TraceContext trace(@Nullable String text) {
    if (text == null) {
      return null;
    }
    int space = text.indexOf(' ');
    return (space < 0
            ? TraceContext.of(text, null)
            : TraceContext.of(text.substring(0, space), text.substring(space + 1)))
        .orElse(null);
  }

  static RecordRow record(ReadRecord.Unreadable read) {
    return new RecordRow(
        read.sessionId().value(),
        read.offset(),
        read.keyId(),
        "",
        false,
        RecordFormat.SCHEMA_VERSION,
        Instant.EPOCH.toString(),
        null,
        read.reason(),
        null);
  }

  /// One row for each public event in a record; none for an internal record.
  ///
  /// @param lastEventAt the latest `processed_at` of the session before this record; no row is
  ///   before it
  static List<EventRow> events(ReadRecord.Readable read, Instant lastEventAt) {
    List<SessionEvent> events =
        PublicEvents.of(read.record().body()).stream()
            .filter(event -> !(event instanceof SessionEvent.SessionDeleted)) // Only streamed.
            .toList();
    List<EventRow> rows = new ArrayList<>(events.size());
    Instant last = lastEventAt;
    for (int index = 0; index < events.size(); index++) {
      SessionEvent event = events.get(index);
      Instant at = event.processedAt();
      last = at != null && at.isAfter(last) ? at : last;
      rows.add(
          new EventRow(
              read.record().sessionId().value(),
              event.id(),
              read.record().offset(),
              index,
              event.type(),
              nanos(at == null ? null : last),
              new String(SessionRecordCodec.eventJson(event, last), StandardCharsets.UTF_8)));
    }
    return rows;
  }

  static SessionRow session(SessionId id, Session session, long nextOffset, boolean purge) {
    return new SessionRow(
        id,
        nextOffset,
        session instanceof Session.Deleted,
        purge,
        !(Step.next(session, Step.Limits.UNBOUNDED) instanceof Step.Rest),
        session.known().map(facts -> shown(session, facts)));
  }

  /// The fold of a session that is due, unless it is larger than what is read in one piece.
  static Optional<FoldRow> fold(SessionId id, SessionFolds.Loaded now, long nextOffset) {
    if (!(now.session() instanceof Session.Live)) {
      return Optional.empty();
    }
    byte[] json = Json.bytes(now.session());
    return json.length > FOLD_BYTES_MAX
        ? Optional.empty()
        : Optional.of(
            new FoldRow(id, nextOffset, now.bytes(), new String(json, StandardCharsets.UTF_8)));
  }

  private static Shown shown(Session session, SessionFacts facts) {
    SessionSummary summary = SessionSummary.of(session, facts);
    return new Shown(
        facts.workspaceId(),
        facts.createdAt(),
        facts.agent().id(),
        facts.agent().version(),
        summary.status(),
        facts.archivedAt() != null,
        text(facts.agent()),
        text(summary));
  }

  private static String text(Object value) {
    return new String(Json.bytes(value), StandardCharsets.UTF_8);
  }

  private static @Nullable Long nanos(@Nullable Instant time) {
    return time == null
        ? null
        : Math.addExact(
            Math.multiplyExact(time.getEpochSecond(), NANOS_PER_SECOND), time.getNano());
  }
}
