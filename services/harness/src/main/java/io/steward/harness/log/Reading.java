package io.steward.harness.log;

import io.steward.schemas.id.SessionId;
import io.steward.schemas.record.LoggedRecord;

/// What a record of `session-events` turned out to be.
public sealed interface Reading {
  /// @param bytes size of its JSON
  record Logged(LoggedRecord record, int bytes) implements Reading {}

  /// A session's record that cannot be read.
  record Unreadable(SessionId sessionId, long offset, String reason) implements Reading {}

  /// A tombstone, or something that belongs to no session.
  record Nothing() implements Reading {}
}
