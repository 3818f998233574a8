package io.steward.agentconfig.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class QueryTest {
  private static Query query(String name, String... values) {
    return new Query(Map.of(name, List.of(values)));
  }

  @Test
  void an_empty_value_counts_as_none() {
    assertEquals(20, query("limit", "").limit());
    assertNull(query("version", "").integer("version", 5));
    assertNull(query("created_at[gte]", "").moment("created_at[gte]"));
    assertFalse(query("include_archived", "").flag("include_archived"));
    assertEquals(20, new Query(Map.of()).limit());
  }

  @Test
  void values_are_read_in_their_type() {
    assertEquals(100, query("limit", "100").limit());
    assertTrue(query("include_archived", "true").flag("include_archived"));
    assertEquals(
        Instant.parse("2026-11-20T09:00:00Z"), query("t", "2026-11-20T10:00:00+01:00").moment("t"));
    assertEquals(List.of("a", "b"), query("lifecycle[]", "a", "", "b").texts("lifecycle"));
  }

  static Stream<Arguments> refused() {
    return Stream.of(
        Arguments.of("limit", "0", (Consumer<Query>) Query::limit),
        Arguments.of("limit", "101", (Consumer<Query>) Query::limit),
        Arguments.of("limit", "-1", (Consumer<Query>) Query::limit),
        Arguments.of("limit", "1.0", (Consumer<Query>) Query::limit),
        Arguments.of("limit", "99999999999", (Consumer<Query>) Query::limit),
        Arguments.of("flag", "yes", (Consumer<Query>) q -> q.flag("flag")),
        Arguments.of("at", "yesterday", (Consumer<Query>) q -> q.moment("at")),
        Arguments.of("at", "2026-11-20", (Consumer<Query>) q -> q.moment("at")),
        Arguments.of("page", "x", (Consumer<Query>) q -> Cursor.read(q, "agents")),
        Arguments.of("page", "page_", (Consumer<Query>) q -> Cursor.read(q, "agents")),
        Arguments.of("page", "page_%%%", (Consumer<Query>) q -> Cursor.read(q, "agents")));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void a_value_that_does_not_fit_is_named(String name, String value, Consumer<Query> read) {
    Query query = query(name, value);

    ApiError error = assertThrows(ApiException.class, () -> read.accept(query)).error();

    assertEquals(400, error.status());
    assertTrue(error.message().startsWith("`" + name + "` is \"" + value + "\""), error.message());
  }

  @Test
  void a_cursor_is_read_as_it_was_made_and_by_its_own_list_only() {
    Cursor cursor = new Cursor("agents", Instant.ofEpochMilli(1_795_180_507_979L), "agent_01:x");
    Query query = query("page", cursor.text());

    assertTrue(cursor.text().startsWith("page_"));
    assertEquals(cursor, Cursor.read(query, "agents"));
    assertThrows(ApiException.class, () -> Cursor.read(query, "environments"));
  }
}
