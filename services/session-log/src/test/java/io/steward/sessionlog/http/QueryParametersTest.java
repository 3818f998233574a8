package io.steward.sessionlog.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.http.ApiException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QueryParametersTest {
  @Test
  void an_empty_value_stands_for_an_absent_one() {
    QueryParameters query = query("page", "");

    assertTrue(query.text("page").isEmpty());
  }

  @Test
  void arrays_come_with_and_without_brackets() {
    QueryParameters query =
        new QueryParameters(Map.of("types[]", List.of("a", "b"), "types", List.of("c")));

    assertEquals(List.of("a", "b", "c"), query.list("types"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "101", "-1", "x", "1.5", "99999999999"})
  void a_limit_out_of_range_is_refused_with_field_value_and_rule(String value) {
    ApiException refused =
        assertThrows(ApiException.class, () -> query("limit", value).limit(20, 100));

    assertEquals(
        "`limit` is \"" + value + "\", but must be a whole number from 1 to 100.",
        refused.error().message());
  }

  @Test
  void a_timestamp_may_have_any_offset() {
    assertEquals(
        Instant.parse("2026-11-20T10:00:00Z"),
        query("at", "2026-11-20T12:00:00+02:00").instant("at").orElseThrow());
  }

  @Test
  void what_is_no_timestamp_no_flag_and_no_order_is_refused() {
    assertThrows(ApiException.class, () -> query("at", "yesterday").instant("at"));
    assertThrows(ApiException.class, () -> query("flag", "yes").flag("flag"));
    assertThrows(ApiException.class, () -> query("order", "up").ascending(true));
  }

  private static QueryParameters query(String name, String value) {
    return new QueryParameters(Map.of(name, List.of(value)));
  }
}
