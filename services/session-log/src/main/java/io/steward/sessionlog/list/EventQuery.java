package io.steward.sessionlog.list;

import io.steward.schemas.id.SessionId;
import java.util.Optional;
import java.util.Set;

/// What a list of events is to hold.
///
/// @param types none means all
/// @param after the last event of the page before
record EventQuery(
    SessionId session,
    Set<String> types,
    TimeRange range,
    boolean ascending,
    int limit,
    Optional<EventCursor> after) {}
