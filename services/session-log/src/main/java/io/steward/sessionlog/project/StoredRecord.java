package io.steward.sessionlog.project;

import io.steward.schemas.record.SessionRecord;
import java.util.Optional;

/// A record of a session as the projection keeps it.
///
/// @param offset in the session's partition
/// @param body empty when nobody can read it
public record StoredRecord(long offset, Optional<SessionRecord> body) {}
