package io.steward.sessionlog.read;

import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.id.SessionId;
import io.steward.sessionlog.http.Page;
import io.steward.sessionlog.http.Reply;
import io.steward.sessionlog.http.Request;
import io.steward.sessionlog.http.Route;
import io.steward.sessionlog.project.Sessions;
import io.steward.sessionlog.view.Views;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.List;

/// `GET /v1/sessions/{session_id}` and its resources, of which there are none yet.
@Singleton
class ReadRoutes implements Route.Source {
  private static final int RESOURCES_MAX = 1_000;
  private static final String RESOURCES = "/v1/sessions/{session_id}/resources";
  private static final String RESOURCE = RESOURCES + "/{resource_id}";

  private final Sessions sessions;
  private final InstantSource clock;

  ReadRoutes(Sessions sessions, InstantSource clock) {
    this.sessions = sessions;
    this.clock = clock;
  }

  @Override
  public List<Route> routes() {
    return List.of(
        Route.get("/v1/sessions/{session_id}", this::session),
        Route.get(RESOURCES, this::resources),
        Route.post(RESOURCES, this::addResource),
        Route.get(RESOURCE, this::resource),
        Route.post(RESOURCE, this::resource),
        Route.delete(RESOURCE, this::resource));
  }

  private Reply session(Request request) {
    SessionId id = request.sessionId();
    return new Reply.Json(Views.session(sessions.current(id), id.value(), clock.instant()));
  }

  private Reply resources(Request request) {
    requireSession(request);
    request.query().limit(RESOURCES_MAX, RESOURCES_MAX);
    return new Reply.Json(new Page<>(List.of(), null));
  }

  private Reply addResource(Request request) {
    requireSession(request);
    throw new ApiException(
        ApiError.invalid("Resources of sessions are not supported by this server yet."));
  }

  private Reply resource(Request request) {
    requireSession(request);
    throw new ApiException(
        ApiError.notFound("The session has no resource " + request.segment("resource_id") + "."));
  }

  private void requireSession(Request request) {
    SessionId id = request.sessionId();
    Views.facts(sessions.current(id), id.value());
  }
}
