package io.steward.sessionlog.list;

import static io.steward.sessionlog.Samples.ID;
import static io.steward.sessionlog.Samples.T0;
import static io.steward.sessionlog.Samples.session;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.steward.schemas.json.Json;
import io.steward.schemas.session.Session;
import io.steward.sessionlog.http.QueryParameters;
import io.steward.sessionlog.view.SessionSummary;
import io.steward.sessionlog.view.Views;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SessionPageTest {
  @Test
  void the_first_page_has_no_page_before_it() {
    SessionPage page = SessionPage.of(query(null), rows(3), T0);

    assertEquals(2, page.data().size());
    assertNull(page.prevPage());
    assertNotNull(page.nextPage());
  }

  @Test
  void the_last_page_has_no_page_behind_it() {
    String cursor = new SessionCursor(false, true, T0, ID.value()).text();

    SessionPage page = SessionPage.of(query(cursor), rows(2), T0);

    assertNotNull(page.prevPage());
    assertNull(page.nextPage());
  }

  @Test
  void a_page_before_a_cursor_is_turned_round() {
    String cursor = new SessionCursor(false, false, T0, ID.value()).text();

    SessionPage page = SessionPage.of(query(cursor), rows(2), T0);

    SessionCursor next =
        SessionCursor.parse(Objects.requireNonNull(page.nextPage()), false, query(null).range());
    assertEquals("s0", next.id());
    assertNull(page.prevPage());
  }

  private static SessionListQuery query(@Nullable String page) {
    return SessionListQuery.of(
        new QueryParameters(
            Map.of("limit", List.of("2"), "page", page == null ? List.of() : List.of(page))));
  }

  private static List<PostgresLists.SessionRow> rows(int count) {
    Session session = session();
    SessionSummary summary = SessionSummary.of(session, Views.facts(session, ID.value()));
    String json = new String(Json.bytes(summary), StandardCharsets.UTF_8);
    return IntStream.range(0, count)
        .mapToObj(i -> new PostgresLists.SessionRow("s" + i, T0, "{}", json))
        .toList();
  }
}
