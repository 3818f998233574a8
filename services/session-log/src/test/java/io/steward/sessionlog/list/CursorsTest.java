package io.steward.sessionlog.list;

import static io.steward.sessionlog.Samples.ID;
import static io.steward.sessionlog.Samples.T0;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.http.ApiException;
import io.steward.sessionlog.http.QueryParameters;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CursorsTest {
  private static final TimeRange ALWAYS = range("created_at[gt]", "");

  @Test
  void a_cursor_of_events_comes_back_as_it_was() {
    EventCursor cursor = new EventCursor(true, false, 42, 3);

    assertEquals(cursor, EventCursor.parse(cursor.text(), true));
    assertTrue(cursor.text().startsWith("page_"));
  }

  @Test
  void a_cursor_of_sessions_comes_back_as_it_was() {
    SessionCursor cursor = new SessionCursor(false, true, T0, ID.value());

    assertEquals(cursor, SessionCursor.parse(cursor.text(), false, ALWAYS));
  }

  @Test
  void a_cursor_of_the_other_order_is_refused() {
    String events = new EventCursor(true, false, 42, 3).text();
    String sessions = new SessionCursor(true, true, T0, ID.value()).text();

    assertThrows(ApiException.class, () -> EventCursor.parse(events, false));
    assertThrows(ApiException.class, () -> SessionCursor.parse(sessions, false, ALWAYS));
  }

  @Test
  void a_cursor_outside_of_the_time_filters_is_refused() {
    String cursor = new SessionCursor(true, true, T0, ID.value()).text();

    assertThrows(
        ApiException.class,
        () -> SessionCursor.parse(cursor, true, range("created_at[gt]", T0.toString())));
    SessionCursor.parse(cursor, true, range("created_at[gte]", T0.toString()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "page_", "page_!!", "page_ZXxhfDB8eHww", "page_c3xhfG58eHx5"})
  void what_is_no_cursor_is_refused(String text) {
    assertThrows(ApiException.class, () -> EventCursor.parse(text, true));
    assertThrows(ApiException.class, () -> SessionCursor.parse(text, true, ALWAYS));
  }

  private static TimeRange range(String name, String value) {
    return TimeRange.of(new QueryParameters(Map.of(name, List.of(value))));
  }
}
