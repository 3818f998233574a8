package io.steward.sessionlog.list;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.util.RawValue;
import io.steward.schemas.json.Json;
import io.steward.sessionlog.view.SessionSummary;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One page of sessions, which can be left in both directions.
@JsonInclude(JsonInclude.Include.ALWAYS)
record SessionPage(
    List<SessionSummary.View> data, @Nullable String nextPage, @Nullable String prevPage) {

  /// The page of what a search found.
  ///
  /// @param rows in the order of the search, at most one more than the page holds
  static SessionPage of(SessionListQuery query, List<PostgresLists.SessionRow> rows, Instant now) {
    boolean more = rows.size() > query.limit();
    List<PostgresLists.SessionRow> found = more ? rows.subList(0, query.limit()) : rows;
    List<PostgresLists.SessionRow> shown = query.forward() ? found : found.reversed();
    if (shown.isEmpty()) {
      return new SessionPage(List.of(), null, null);
    }
    boolean next = !query.forward() || more;
    boolean previous = query.forward() ? query.cursor().isPresent() : more;
    return new SessionPage(
        shown.stream().map(row -> view(row, now)).toList(),
        next ? cursor(query, true, shown.getLast()) : null,
        previous ? cursor(query, false, shown.getFirst()) : null);
  }

  private static SessionSummary.View view(PostgresLists.SessionRow row, Instant now) {
    return Json.read(row.summary().getBytes(StandardCharsets.UTF_8), SessionSummary.class)
        .view(new RawValue(row.agent()), now);
  }

  private static String cursor(
      SessionListQuery query, boolean forward, PostgresLists.SessionRow row) {
    return new SessionCursor(query.ascending(), forward, row.createdAt(), row.id()).text();
  }
}
