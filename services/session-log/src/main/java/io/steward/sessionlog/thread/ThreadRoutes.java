package io.steward.sessionlog.thread;

import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.session.Session;
import io.steward.schemas.session.SessionFacts;
import io.steward.sessionlog.http.Page;
import io.steward.sessionlog.http.QueryParameters;
import io.steward.sessionlog.http.Reply;
import io.steward.sessionlog.http.Request;
import io.steward.sessionlog.http.Route;
import io.steward.sessionlog.list.EventLists;
import io.steward.sessionlog.list.Statuses;
import io.steward.sessionlog.project.Sessions;
import io.steward.sessionlog.stream.EventStreams;
import io.steward.sessionlog.view.ThreadView;
import io.steward.sessionlog.view.Views;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;

/// `/v1/sessions/{session_id}/threads`. The events of the primary thread are the session's own.
@Singleton
class ThreadRoutes implements Route.Source {
  private static final int THREADS_MAX = 1_000;
  private static final String THREADS = "/v1/sessions/{session_id}/threads";
  private static final String THREAD = THREADS + "/{thread_id}";

  private final Sessions sessions;
  private final EventLists lists;
  private final EventStreams streams;
  private final InstantSource clock;

  ThreadRoutes(Sessions sessions, EventLists lists, EventStreams streams, InstantSource clock) {
    this.sessions = sessions;
    this.lists = lists;
    this.streams = streams;
    this.clock = clock;
  }

  @Override
  public List<Route> routes() {
    return List.of(
        Route.get(THREADS, this::threads),
        Route.get(THREAD, this::thread),
        Route.post(THREAD + "/archive", this::archive),
        Route.get(THREAD + "/events", this::events),
        Route.get(THREAD + "/stream", this::stream));
  }

  private Reply threads(Request request) {
    SessionId id = request.sessionId();
    QueryParameters query = request.query();
    query.limit(THREADS_MAX, THREADS_MAX);
    query
        .text("page")
        .ifPresent(page -> {
          throw QueryParameters.refused("page", page, "must be a cursor of this list");
        });
    Set<String> statuses = Statuses.of(query);
    Session session = sessions.current(id);
    ThreadView primary =
        ThreadView.primary(session, Views.facts(session, id.value()), clock.instant());
    boolean shown = statuses.isEmpty() || statuses.contains(primary.status());
    return new Reply.Json(new Page<>(shown ? List.of(primary) : List.of(), null));
  }

  private Reply thread(Request request) {
    Session session = sessions.current(request.sessionId());
    SessionFacts facts = primary(request, session);
    return new Reply.Json(ThreadView.primary(session, facts, clock.instant()));
  }

  private Reply archive(Request request) {
    primary(request, sessions.current(request.sessionId()));
    throw new ApiException(
        ApiError.invalid("The primary thread cannot be archived; archive the session instead."));
  }

  private Reply events(Request request) {
    SessionId id = request.sessionId();
    primary(request, sessions.current(id));
    return new Reply.Json(lists.ofThread(id, request.query()));
  }

  private Reply stream(Request request) {
    primary(request, sessions.current(request.sessionId()));
    return streams.open(request);
  }

  private static SessionFacts primary(Request request, Session session) {
    SessionFacts facts = Views.facts(session, request.sessionId().value());
    String thread = request.segment("thread_id");
    if (!thread.equals(facts.threadId())) {
      throw new ApiException(ApiError.notFound("The session has no thread " + thread + "."));
    }
    return facts;
  }
}
