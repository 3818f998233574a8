package io.steward.sessionlog.stream;

import io.steward.sessionlog.http.Access;
import io.steward.sessionlog.http.Route;
import jakarta.inject.Singleton;
import java.util.List;

/// `GET /v1/sessions/{session_id}/events/stream`.
@Singleton
class StreamRoutes implements Route.Source {
  private final EventStreams streams;

  StreamRoutes(EventStreams streams) {
    this.streams = streams;
  }

  @Override
  public List<Route> routes() {
    return List.of(
        Route.get("/v1/sessions/{session_id}/events/stream", streams::open).openTo(Access.SESSION));
  }
}
