package io.steward.sessionlog.read;

import io.steward.schemas.id.SessionId;
import io.steward.sessionlog.http.Access;
import io.steward.sessionlog.http.Reply;
import io.steward.sessionlog.http.Request;
import io.steward.sessionlog.http.Route;
import io.steward.sessionlog.project.Sessions;
import io.steward.sessionlog.view.Views;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.List;

/// `GET /v1/sessions/{session_id}`.
@Singleton
class ReadRoutes implements Route.Source {
  private final Sessions sessions;
  private final InstantSource clock;

  ReadRoutes(Sessions sessions, InstantSource clock) {
    this.sessions = sessions;
    this.clock = clock;
  }

  @Override
  public List<Route> routes() {
    return List.of(Route.get("/v1/sessions/{session_id}", this::session).openTo(Access.SESSION));
  }

  private Reply session(Request request) {
    SessionId id = request.sessionId();
    return new Reply.Json(Views.session(sessions.current(id), id.value(), clock.instant()));
  }
}
