package io.steward.agentconfig.agents;

import io.steward.agentconfig.http.Cursor;
import io.steward.agentconfig.http.Query;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Which agents a list shows.
///
/// @param createdFrom inclusive, or null
/// @param createdTo inclusive, or null
/// @param after the last agent of the page before, or null for the first page
record AgentFilter(
    @Nullable Instant createdFrom,
    @Nullable Instant createdTo,
    boolean includeArchived,
    @Nullable Cursor after,
    int limit) {
  static final String LIST = "agents";

  static AgentFilter read(Query query) {
    return of(
        query.moment("created_at[gte]"),
        query.moment("created_at[lte]"),
        query.flag("include_archived"),
        Cursor.read(query, LIST),
        query.limit());
  }

  /// @throws ApiException 400 when the cursor lies outside of the bounds
  static AgentFilter of(
      @Nullable Instant from,
      @Nullable Instant to,
      boolean includeArchived,
      @Nullable Cursor after,
      int limit) {
    if (after != null
        && ((from != null && after.createdAt().isBefore(from))
            || (to != null && after.createdAt().isAfter(to)))) {
      throw new ApiException(
          ApiError.invalid(
              "`page` lies outside of `created_at[gte]` and `created_at[lte]`: keep the filter"
                  + " while paging."));
    }
    return new AgentFilter(from, to, includeArchived, after, limit);
  }
}
