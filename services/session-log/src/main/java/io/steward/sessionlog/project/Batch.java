package io.steward.sessionlog.project;

import io.steward.sessionlog.work.Demand;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What one database transaction of the projection writes.
///
/// @param after where each partition stands once the rows are written
record Batch(
    List<Rows.RecordRow> records,
    List<Rows.EventRow> events,
    List<Rows.SessionRow> sessions,
    List<Rows.FoldRow> folds,
    List<Demand> demands,
    Map<Integer, Long> after) {
  /// The same rows, without moving a partition back that another replica has moved further.
  Batch notBefore(Map<Integer, Long> stored) {
    Map<Integer, Long> further = new HashMap<>(after);
    further.replaceAll((partition, offset) -> Math.max(offset, stored.getOrDefault(partition, 0L)));
    return new Batch(records, events, sessions, folds, demands, further);
  }
}
