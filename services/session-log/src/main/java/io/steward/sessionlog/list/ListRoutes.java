package io.steward.sessionlog.list;

import io.steward.sessionlog.http.Access;
import io.steward.sessionlog.http.Reply;
import io.steward.sessionlog.http.Request;
import io.steward.sessionlog.http.Route;
import io.steward.sessionlog.project.Sessions;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.List;

/// `GET /v1/sessions` and `GET /v1/sessions/{session_id}/events`.
@Singleton
class ListRoutes implements Route.Source {
  private final PostgresLists database;
  private final EventLists events;
  private final Sessions sessions;
  private final InstantSource clock;

  ListRoutes(PostgresLists database, EventLists events, Sessions sessions, InstantSource clock) {
    this.database = database;
    this.events = events;
    this.sessions = sessions;
    this.clock = clock;
  }

  @Override
  public List<Route> routes() {
    return List.of(
        Route.get("/v1/sessions", this::sessions),
        Route.get("/v1/sessions/{session_id}/events", this::events).openTo(Access.SESSION));
  }

  private Reply sessions(Request request) {
    SessionListQuery query = SessionListQuery.of(request.query());
    sessions.ownWritesBarrier();
    List<PostgresLists.SessionRow> rows = database.sessions(query);
    if (rows.isEmpty() && !query.forward()) {
      query = query.first(); // What lay before the cursor is gone, so it is the beginning now.
      rows = database.sessions(query);
    }
    sessions.confirm();
    return new Reply.Json(SessionPage.of(query, rows, clock.instant()));
  }

  private Reply events(Request request) {
    return new Reply.Json(events.ofSession(request.sessionId(), request.query()));
  }
}
