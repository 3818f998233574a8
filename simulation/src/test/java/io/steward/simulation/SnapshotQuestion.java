package io.steward.simulation;

import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import io.steward.schemas.session.Session;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A question on `session-queries` with its answer on `session-snapshots`, which travels as JSON.
final class SnapshotQuestion {
  private final int partition;
  private final Optional<SessionId> session;
  private final long offset;
  private @Nullable List<byte[]> answer;

  /// @param session the one asked for, or empty for all unfinished sessions of the partition
  /// @param offset everything below it must be folded in
  SnapshotQuestion(int partition, Optional<SessionId> session, long offset) {
    this.partition = partition;
    this.session = session;
    this.offset = offset;
  }

  int partition() {
    return partition;
  }

  Optional<SessionId> session() {
    return session;
  }

  long offset() {
    return offset;
  }

  boolean isAnswered() {
    return answer != null;
  }

  void answer(List<Session> sessions) {
    answer = sessions.stream().map(Json::bytes).toList();
  }

  List<Session> answer() {
    List<byte[]> parts = answer == null ? List.of() : answer;
    return parts.stream().map(json -> Json.read(json, Session.class)).toList();
  }
}
