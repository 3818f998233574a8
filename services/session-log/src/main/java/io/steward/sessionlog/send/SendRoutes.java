package io.steward.sessionlog.send;

import io.steward.schemas.event.Attachment;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.event.SessionEvent.ClientEvent;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.session.Admission;
import io.steward.schemas.session.Session;
import io.steward.sessionlog.files.StoredFile;
import io.steward.sessionlog.http.Access;
import io.steward.sessionlog.http.Caller;
import io.steward.sessionlog.http.Reply;
import io.steward.sessionlog.http.Request;
import io.steward.sessionlog.http.Route;
import io.steward.sessionlog.log.LogWriter;
import io.steward.sessionlog.log.Unsettled;
import io.steward.sessionlog.project.Sessions;
import io.steward.sessionlog.resource.NamedFiles;
import io.steward.sessionlog.resource.SessionCopies;
import io.steward.sessionlog.resource.SessionFiles;
import io.steward.sessionlog.view.Views;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// `POST /v1/sessions/{session_id}/events`. A send is accepted on what this replica knows; before
/// it is refused, everything that is on the log is read and it is judged again; also before a send
/// is accepted that the log may already refuse, or leave without effect.
@Singleton
class SendRoutes implements Route.Source {
  private static final int SERVER_ERRORS_FROM = 500;

  private final Sessions sessions;
  private final SessionFiles files;
  private final LogWriter writer;
  private final InstantSource clock;
  private final Unsettled<Attempt> unsettled;

  SendRoutes(Sessions sessions, SessionFiles files, LogWriter writer, InstantSource clock) {
    this.sessions = sessions;
    this.files = files;
    this.writer = writer;
    this.clock = clock;
    this.unsettled = new Unsettled<>(clock);
  }

  @Override
  public List<Route> routes() {
    return List.of(
        Route.post("/v1/sessions/{session_id}/events", this::send).openTo(Access.SESSION));
  }

  private Reply send(Request request) {
    SessionId id = request.sessionId();
    String key = Unsettled.request(id.value(), request.body());
    Attempt attempt = unsettled.take(key).map(Attempt::repeated).orElseGet(Attempt::new);
    try {
      Reply reply = send(id, request, attempt);
      attempt.settle();
      return reply;
    } catch (ApiException e) {
      if (e.error().status() < SERVER_ERRORS_FROM) {
        attempt.settle();
      }
      throw e;
    } finally {
      if (attempt.isDoubtful()) {
        unsettled.add(key, attempt);
      }
    }
  }

  private Reply send(SessionId id, Request request, Attempt attempt) {
    Session session = attempt.isDoubtful() ? sessions.current(id) : sessions.known(id);
    if (session.known().isEmpty()) {
      session = sessions.current(id);
    }
    List<ClientEvent> events =
        new EventParser(attempt).sent(request.jsonObject(), processedAt(session, id));
    requireMaySend(request.caller(), events);
    if (attempt.isDoubtful() && sessions.holds(id, attempt.recordId())) {
      return new Reply.Json(new Echoes(List.copyOf(events)));
    }
    List<FileReference> references = FileReference.of("events", events);
    Admission admission = Admission.of(session, events);
    if (admission instanceof Admission.Refused || mayBeBehind(session, events)) {
      session = sessions.current(id);
      Views.facts(session, id.value());
      admission = Admission.of(session, events);
    }
    return switch (admission) {
      case Admission.Refused(var error) -> throw new ApiException(error);
      case Admission.Admitted(List<SessionEvent> echoes, List<SessionEvent> append) -> {
        append(
            id,
            append,
            attempt,
            references,
            Views.facts(session, id.value()).attachments().keySet());
        yield new Reply.Json(new Echoes(echoes));
      }
    };
  }

  /// What a repeated answer names was copied when it first came.
  private void append(
      SessionId id,
      List<SessionEvent> append,
      Attempt attempt,
      List<FileReference> all,
      Set<String> present) {
    if (append.isEmpty()) {
      return;
    }
    Instant now = clock.instant();
    List<FileReference> references =
        all.stream()
            .filter(reference -> append.stream().anyMatch(event -> event == reference.event()))
            .toList();
    Map<String, StoredFile> found =
        Attachments.find(references, present, new NamedFiles(files::find, now));
    try (SessionCopies copies = new SessionCopies(files, id, now)) {
      Map<String, Attachment> attachments = Attachments.copy(found, copies);
      SessionRecord sent = new SessionRecord.EventsSent(append, attachments);
      copies.tell(() -> writer.append(id, attempt.recordId(), sent, attempt::doubt));
    }
  }

  /// Workers report results and nothing else.
  static void requireMaySend(Caller caller, List<ClientEvent> events) {
    if (caller instanceof Caller.Client) {
      return;
    }
    for (ClientEvent event : events) {
      if (!(event instanceof SessionEvent.UserToolResult
          || event instanceof SessionEvent.UserCustomToolResult)) {
        throw new ApiException(
            ApiError.forbidden(
                "A worker sends user.tool_result and user.custom_tool_result, but no "
                    + event.type()
                    + "."));
      }
    }
  }

  /// Whether the log may already say something that this replica does not know and that matters for
  /// these events: that the session waits for answers or has stopped at its budget, where it takes
  /// no messages and ignores interrupts. A client that saw it on a stream is never ahead of its
  /// refusal.
  static boolean mayBeBehind(Session session, List<? extends ClientEvent> events) {
    boolean budget = session.known().filter(facts -> facts.budget() != null).isPresent();
    boolean rests =
        session instanceof Session.Idle idle
            && idle.calls().isEmpty()
            && idle.status() == Session.Status.IDLE;
    return events.stream()
        .anyMatch(event ->
            switch (event) {
              case SessionEvent.UserMessage _, SessionEvent.SystemMessage _ -> budget || !rests;
              case SessionEvent.UserInterrupt _ -> budget;
              default -> false;
            });
  }

  private Instant processedAt(Session session, SessionId id) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    Instant last = Views.facts(session, id.value()).lastEventAt();
    return now.isBefore(last) ? last : now;
  }

  private record Echoes(List<SessionEvent> data) {}
}
