package io.steward.sessionlog.http;

import io.steward.schemas.id.SessionId;

/// Who asks.
public sealed interface Caller {
  /// Whoever has the API key.
  Caller CLIENT = new Client();

  /// Whoever has the API key: may do everything but what workers do.
  record Client() implements Caller {}

  /// A worker with a key of its environment.
  ///
  /// @param sha256 of the key
  record EnvironmentWorker(String environmentId, String sha256) implements Caller {}

  /// The worker to which a work item was handed out last.
  ///
  /// @param sha256 of its sessions token
  /// @param over whether the item is stopped: then the token opens nothing but the item itself
  record ItemWorker(
      String environmentId, String workId, SessionId sessionId, String sha256, boolean over)
      implements Caller {}
}
