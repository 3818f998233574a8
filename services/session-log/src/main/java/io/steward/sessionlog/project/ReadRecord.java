package io.steward.sessionlog.project;

import io.steward.schemas.id.SessionId;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.record.LoggedRecord;

/// A record of `session-events` as the projection found it.
sealed interface ReadRecord {
  /// A record in the form of the topic.
  ///
  /// @param keyId the second half of the Kafka key
  /// @param decoded its envelope and body, also when that came from the blob store
  /// @param inBlob whether it did
  record Readable(LoggedRecord record, String keyId, RecordFormat.Decoded decoded, boolean inBlob)
      implements ReadRecord {
    byte[] json() {
      return decoded.json();
    }
  }

  /// A record of a session that nobody can read.
  record Unreadable(SessionId sessionId, String keyId, long offset, String reason)
      implements ReadRecord {}

  /// Nothing of a session: a tombstone, or a record whose key names none.
  record Nothing() implements ReadRecord {}
}
