package io.steward.schemas.record;

import io.steward.schemas.id.SessionId;
import java.time.Instant;

/// A record as a reader finds it on `session-events`.
///
/// @param recordId unique within the session; the second half of the Kafka key
/// @param offset Kafka's offset in the session's partition: the only order there is
/// @param time `ce_time`, when it was written
public record LoggedRecord(
    SessionId sessionId, String recordId, long offset, Instant time, SessionRecord body) {}
