package io.steward.sessionlog.project;

import java.util.List;
import java.util.Map;

/// What one database transaction of the projection writes.
///
/// @param after where each partition stands once the rows are written
record Batch(
    List<Rows.RecordRow> records,
    List<Rows.EventRow> events,
    List<Rows.SessionRow> sessions,
    Map<Integer, Long> after) {}
