package io.steward.sessionlog.list;

import com.fasterxml.jackson.databind.util.RawValue;
import io.steward.schemas.event.EventTypes;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import io.steward.sessionlog.http.Page;
import io.steward.sessionlog.http.QueryParameters;
import io.steward.sessionlog.project.Sessions;
import io.steward.sessionlog.view.Views;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Pages of events. Source: contract/events.md §2.1.
@Singleton
public class EventLists {
  /// How many events a page holds at most, and when nothing is asked for.
  static final int EVENTS_MAX = 1_000;

  private final PostgresLists database;
  private final Sessions sessions;

  EventLists(PostgresLists database, Sessions sessions) {
    this.database = database;
    this.sessions = sessions;
  }

  /// The events of a session, with every filter.
  ///
  /// @throws io.steward.schemas.http.ApiException 400 when a parameter breaks a rule, 404 when
  ///   there is no such session, 503 when the projection is too far behind
  public Page<RawValue> ofSession(SessionId id, QueryParameters query) {
    boolean ascending = query.ascending(true);
    return page(
        new EventQuery(
            id,
            types(query),
            TimeRange.of(query),
            ascending,
            query.limit(EVENTS_MAX, EVENTS_MAX),
            query.text("page").map(page -> EventCursor.parse(page, ascending))));
  }

  /// The events of a session's primary thread, which knows `limit` and `page` only.
  public Page<RawValue> ofThread(SessionId id, QueryParameters query) {
    return page(
        new EventQuery(
            id,
            Set.of(),
            TimeRange.of(new QueryParameters(Map.of())),
            true,
            query.limit(EVENTS_MAX, EVENTS_MAX),
            query.text("page").map(page -> EventCursor.parse(page, true))));
  }

  /// The newest processed events of some types, as they are in the database now, the newest first.
  ///
  /// @throws io.steward.schemas.kafka.DependencyAwayException when the database does not answer
  public List<SessionEvent> newest(SessionId id, Set<String> types, int max) {
    List<PostgresLists.EventRow> rows =
        database.events(
            new EventQuery(
                id,
                types,
                TimeRange.of(new QueryParameters(Map.of())),
                false,
                max,
                Optional.empty()));
    sessions.confirm();
    return rows.stream()
        .map(row -> Json.read(row.body().getBytes(StandardCharsets.UTF_8), SessionEvent.class))
        .toList();
  }

  private Page<RawValue> page(EventQuery query) {
    Views.facts(sessions.current(query.session()), query.session().value());
    List<PostgresLists.EventRow> rows = database.events(query);
    sessions.confirm();
    boolean more = rows.size() > query.limit();
    List<PostgresLists.EventRow> shown = more ? rows.subList(0, query.limit()) : rows;
    Optional<String> next =
        more ? Optional.of(cursor(query.ascending(), shown.getLast())) : Optional.empty();
    return new Page<>(
        shown.stream().map(row -> new RawValue(row.body())).toList(), next.orElse(null));
  }

  private static String cursor(boolean ascending, PostgresLists.EventRow row) {
    return new EventCursor(ascending, row.queued(), row.offset(), row.index()).text();
  }

  private static Set<String> types(QueryParameters query) {
    Set<String> types = new LinkedHashSet<>();
    for (String type : query.list("types")) {
      if (!EventTypes.LISTABLE.contains(type)) {
        throw QueryParameters.refused("types[]", type, "must be the type of a listed event");
      }
      types.add(type);
    }
    return types;
  }
}
