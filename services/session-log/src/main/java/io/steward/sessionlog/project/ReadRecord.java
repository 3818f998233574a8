package io.steward.sessionlog.project;

import io.steward.schemas.id.SessionId;
import io.steward.schemas.record.LoggedRecord;

/// A record of `session-events` as the projection found it.
sealed interface ReadRecord {
  /// A record in the form of the topic.
  ///
  /// @param keyId the second half of the Kafka key
  /// @param json the body, also when it came from the blob store
  /// @param inBlob whether it did
  record Readable(LoggedRecord record, String keyId, boolean mayIgnore, byte[] json, boolean inBlob)
      implements ReadRecord {}

  /// A record of a session that nobody can read.
  record Unreadable(SessionId sessionId, String keyId, long offset, String reason)
      implements ReadRecord {}

  /// Nothing of a session: a tombstone, or a record whose key names none.
  record Nothing() implements ReadRecord {}
}
