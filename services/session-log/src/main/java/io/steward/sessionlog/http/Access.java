package io.steward.sessionlog.http;

import io.steward.schemas.http.ApiError;
import io.steward.schemas.id.SessionId;
import java.util.Map;
import java.util.Optional;

/// Which credentials open a route. Source: contract/core.md §4.2; what is unspecified there is
/// decided as in `docs/workers.md`.
public enum Access {
  /// Everything that is not below.
  CLIENT(true, false, false),
  /// Lists and counts of a queue.
  QUEUE(true, true, false),
  /// Taking from a queue.
  POLL(false, true, false),
  /// Saying that an item is taken, and that its worker is alive.
  HOLD(false, true, true),
  /// Ending an item.
  STOP(true, true, true),
  /// Reading a session and its events, and sending results.
  SESSION(true, true, true);

  private final boolean apiKey;
  private final boolean environmentKey;
  private final boolean sessionsToken;

  Access(boolean apiKey, boolean environmentKey, boolean sessionsToken) {
    this.apiKey = apiKey;
    this.environmentKey = environmentKey;
    this.sessionsToken = sessionsToken;
  }

  /// Why the caller may not do this, or empty. Whether a session belongs to the environment of a
  /// key is not asked here.
  ///
  /// @param path what stands for the placeholders of the route
  Optional<ApiError> refusal(Caller caller, Map<String, String> path) {
    return switch (caller) {
      case Caller.Client _ ->
          unless(
              apiKey,
              "This call is for workers: it takes a key of its environment, not the API key.");
      case Caller.EnvironmentWorker worker ->
          unless(
                  environmentKey,
                  "An environment key opens its environment's work queue and the sessions there,"
                      + " but not this call.")
              .or(() -> ofEnvironment(worker.environmentId(), path));
      case Caller.ItemWorker worker ->
          unless(
                  sessionsToken,
                  "A sessions token opens its work item and its session, but not this call.")
              .or(() -> ofEnvironment(worker.environmentId(), path))
              .or(() -> ofItem(worker, path));
    };
  }

  private static Optional<ApiError> ofEnvironment(String id, Map<String, String> path) {
    return unless(
        path.getOrDefault("environment_id", id).equals(id),
        "The credential belongs to another environment than the one in the path.");
  }

  private static Optional<ApiError> ofItem(Caller.ItemWorker worker, Map<String, String> path) {
    String session = path.get("session_id");
    if (session != null && worker.over()) {
      return Optional.of(
          ApiError.unauthenticated(
              "The work item of this sessions token is stopped, so the token opens no session any"
                  + " more."));
    }
    return unless(
        path.getOrDefault("work_id", worker.workId()).equals(worker.workId())
            && (session == null
                || SessionId.parse(session).filter(worker.sessionId()::equals).isPresent()),
        "The sessions token belongs to another work item or session than the one in the path.");
  }

  private static Optional<ApiError> unless(boolean allowed, String refusal) {
    return allowed ? Optional.empty() : Optional.of(ApiError.forbidden(refusal));
  }
}
