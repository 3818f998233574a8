package io.steward.sessionlog.list;

import io.steward.sessionlog.http.QueryParameters;
import java.util.Optional;
import java.util.Set;

/// What a list of sessions is to hold. Source: contract/core.md §5.7.
///
/// @param agentVersion considered together with `agentId` only
/// @param statuses none means all
/// @param matchesNone whether a filter names what no session has yet: a deployment, a memory store
record SessionListQuery(
    Optional<String> agentId,
    Optional<Integer> agentVersion,
    Set<String> statuses,
    boolean includeArchived,
    boolean matchesNone,
    TimeRange range,
    boolean ascending,
    int limit,
    Optional<SessionCursor> cursor) {
  static final int LIMIT_DEFAULT = 20;
  static final int LIMIT_MAX = 100;

  static SessionListQuery of(QueryParameters query) {
    boolean ascending = query.ascending(false);
    TimeRange range = TimeRange.of(query);
    Optional<String> agentId = query.text("agent_id");
    Optional<Integer> agentVersion = query.positive("agent_version");
    return new SessionListQuery(
        agentId,
        agentId.isPresent() ? agentVersion : Optional.empty(),
        Statuses.of(query),
        query.flag("include_archived"),
        query.text("deployment_id").isPresent() || query.text("memory_store_id").isPresent(),
        range,
        ascending,
        query.limit(LIMIT_DEFAULT, LIMIT_MAX),
        query.text("page").map(page -> SessionCursor.parse(page, ascending, range)));
  }

  /// Whether the page lies behind its cursor, or is the first one.
  boolean forward() {
    return cursor.map(SessionCursor::forward).orElse(true);
  }

  /// The same list from its beginning.
  SessionListQuery first() {
    return new SessionListQuery(
        agentId,
        agentVersion,
        statuses,
        includeArchived,
        matchesNone,
        range,
        ascending,
        limit,
        Optional.empty());
  }
}
