package io.steward.simulation;

import io.steward.schemas.id.SessionId;
import io.steward.schemas.session.Session;
import io.steward.schemas.session.Step;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/// The tables of the projection. They outlive every process; a transaction is one call.
final class SimulatedDatabase {
  private final Map<SessionId, NavigableMap<Long, Session>> sessions = new TreeMap<>();
  private final Map<Integer, Long> positions = new HashMap<>();

  /// A session as folded up to a position.
  record Projected(Session session, long position) {}

  long position(int partition) {
    return positions.getOrDefault(partition, 0L);
  }

  /// The session as folded from rows below `offset`.
  Projected session(SessionId id, long offset) {
    Map.Entry<Long, Session> row = rows(id).floorEntry(offset);
    return row == null
        ? new Projected(Session.ABSENT, 0)
        : new Projected(row.getValue(), row.getKey());
  }

  private NavigableMap<Long, Session> rows(SessionId id) {
    return sessions.computeIfAbsent(id, _ -> new TreeMap<>());
  }

  /// Writes rows and moves the position from `before`.
  ///
  /// @return false when another replica moved it first; then nothing is written
  boolean write(int partition, long before, long after, Map<SessionId, Projected> rows) {
    if (position(partition) != before) {
      return false;
    }
    positions.put(partition, after);
    rows.forEach((id, row) -> rows(id).putIfAbsent(row.position(), row.session()));
    return true;
  }

  /// The sessions of a partition for which there is something to do.
  List<Session> unfinished(int partition) {
    return sessions.entrySet().stream()
        .filter(row -> row.getKey().partition() == partition && !row.getValue().isEmpty())
        .map(row -> row.getValue().lastEntry().getValue())
        .filter(session -> !(Step.next(session, Step.Limits.UNBOUNDED) instanceof Step.Rest))
        .toList();
  }
}
