package io.steward.sessionlog.diagnose;

import io.steward.schemas.id.SessionId;
import io.steward.schemas.session.Session;
import io.steward.schemas.session.SessionFacts;
import io.steward.sessionlog.http.Access;
import io.steward.sessionlog.http.Reply;
import io.steward.sessionlog.http.Request;
import io.steward.sessionlog.http.Route;
import io.steward.sessionlog.list.EventLists;
import io.steward.sessionlog.project.Sessions;
import io.steward.sessionlog.view.Views;
import io.steward.sessionlog.worker.SessionWork;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// `GET /v1/sessions/{session_id}/diagnosis`, which is ours.
@Singleton
class DiagnosisRoutes implements Route.Source {
  /// Enough for the calls of one reply and what is around them.
  private static final int EVENTS_MAX = 200;

  /// Events that say since when something is as it is.
  private static final Set<String> TYPES =
      Set.of(
          "session.status_idle",
          "session.status_running",
          "session.status_rescheduled",
          "session.status_terminated",
          "session.error",
          "span.model_request_start",
          "agent.tool_use",
          "agent.mcp_tool_use",
          "agent.custom_tool_use");

  private final Sessions sessions;
  private final EventLists events;
  private final SessionWork work;
  private final ProgressTail progress;
  private final KafkaServices services;
  private final InstantSource clock;

  DiagnosisRoutes(
      Sessions sessions,
      EventLists events,
      SessionWork work,
      ProgressTail progress,
      KafkaServices services,
      InstantSource clock) {
    this.sessions = sessions;
    this.events = events;
    this.work = work;
    this.progress = progress;
    this.services = services;
    this.clock = clock;
  }

  @Override
  public List<Route> routes() {
    return List.of(
        Route.get("/v1/sessions/{session_id}/diagnosis", this::diagnosis).openTo(Access.SESSION));
  }

  private Reply diagnosis(Request request) {
    SessionId id = request.sessionId();
    Session session = sessions.current(id);
    SessionFacts facts = Views.facts(session, id.value());
    Service.State service =
        Diagnoses.next(session)
            .map(next -> services.state(next, id.partition()))
            .orElseGet(Service.State.Unknown::new);
    boolean selfHosted = facts.environment().selfHosted();
    var now = clock.instant();
    return new Reply.Json(
        Diagnoses.of(
            new Situation(
                session,
                facts,
                events.newest(id, TYPES, EVENTS_MAX),
                progress.of(id),
                selfHosted ? work.newest(id) : Optional.empty(),
                selfHosted ? work.workersPolling(facts.environment().id()) : 0,
                service,
                now)));
  }
}
