package io.steward.harness.decide;

import io.steward.schemas.record.SessionRecord;

/// A record that is to be written to a session's log.
///
/// @param recordId unique within the session
public record DecidedRecord(String recordId, SessionRecord body) {}
