package io.steward.sessionlog.send;

import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.event.SessionEvent.ClientEvent;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.session.Admission;
import io.steward.schemas.session.Session;
import io.steward.sessionlog.http.Reply;
import io.steward.sessionlog.http.Request;
import io.steward.sessionlog.http.Route;
import io.steward.sessionlog.log.LogWriter;
import io.steward.sessionlog.project.Sessions;
import io.steward.sessionlog.view.Views;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;

/// `POST /v1/sessions/{session_id}/events`. A send is accepted on what this replica knows; before
/// it is refused, everything that is on the log is read and it is judged again; also before a
/// message is accepted while a turn is under way, which may just have come to wait for the client.
@Singleton
class SendRoutes implements Route.Source {
  private final Sessions sessions;
  private final LogWriter writer;
  private final InstantSource clock;
  private final EventParser parser = EventParser.create();

  SendRoutes(Sessions sessions, LogWriter writer, InstantSource clock) {
    this.sessions = sessions;
    this.writer = writer;
    this.clock = clock;
  }

  @Override
  public List<Route> routes() {
    return List.of(Route.post("/v1/sessions/{session_id}/events", this::send));
  }

  private Reply send(Request request) {
    SessionId id = request.sessionId();
    Session session = sessions.known(id);
    if (session.known().isEmpty()) {
      session = sessions.current(id);
    }
    List<ClientEvent> events = parser.sent(request.jsonObject(), processedAt(session, id));
    Admission admission = Admission.of(session, events);
    if (admission instanceof Admission.Refused || mayWaitForClient(session, events)) {
      session = sessions.current(id);
      Views.facts(session, id.value());
      admission = Admission.of(session, events);
    }
    return switch (admission) {
      case Admission.Refused(var error) -> throw new ApiException(error);
      case Admission.Admitted(List<SessionEvent> echoes, List<SessionEvent> append) -> {
        if (!append.isEmpty()) {
          writer.append(id, new SessionRecord.EventsSent(append));
        }
        yield new Reply.Json(new Echoes(echoes));
      }
    };
  }

  /// Whether the log may already say that the session waits for answers, which refuses messages. A
  /// client that saw it on a stream is never ahead of its refusal.
  static boolean mayWaitForClient(Session session, List<? extends ClientEvent> events) {
    boolean rests =
        session instanceof Session.Idle idle
            && idle.calls().isEmpty()
            && idle.status() == Session.Status.IDLE;
    return !rests
        && events.stream()
            .anyMatch(event ->
                event instanceof SessionEvent.UserMessage
                    || event instanceof SessionEvent.SystemMessage);
  }

  private Instant processedAt(Session session, SessionId id) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    Instant last = Views.facts(session, id.value()).lastEventAt();
    return now.isBefore(last) ? last : now;
  }

  private record Echoes(List<SessionEvent> data) {}
}
