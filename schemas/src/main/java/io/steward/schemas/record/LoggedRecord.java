package io.steward.schemas.record;

import io.steward.schemas.id.SessionId;
import io.steward.schemas.trace.TraceContext;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A record as a reader finds it on `session-events`.
///
/// @param recordId unique within the session; the second half of the Kafka key
/// @param offset Kafka's offset in the session's partition: the only order there is
/// @param time `ce_time`, when it was written
/// @param trace the span it was written in, or null
public record LoggedRecord(
    SessionId sessionId,
    String recordId,
    long offset,
    Instant time,
    SessionRecord body,
    @Nullable TraceContext trace) {
  /// A record that belongs to no trace.
  public LoggedRecord(
      SessionId sessionId, String recordId, long offset, Instant time, SessionRecord body) {
    this(sessionId, recordId, offset, time, body, null);
  }
}
