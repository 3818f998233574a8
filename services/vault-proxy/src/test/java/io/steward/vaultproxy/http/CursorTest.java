package io.steward.vaultproxy.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.http.ApiException;
import io.steward.vaultproxy.vault.ListPosition;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CursorTest {
  private static final ListPosition END =
      new ListPosition(Instant.parse("2026-01-02T03:04:05.678Z"), "vlt_1");

  private static Query query(String name, String value) {
    return new Query(Map.of(name, List.of(value)));
  }

  @Test
  void a_cursor_is_read_again_by_its_own_list_only() {
    String page = new Cursor("vaults", END).text();

    assertTrue(page.startsWith("page_"), page);
    assertEquals(END, Cursor.read(query("page", page), "vaults"));
    assertThrows(
        ApiException.class, () -> Cursor.read(query("page", page), "credentials of vlt_1"));
    assertNull(Cursor.read(query("page", ""), "vaults"));
    assertNull(Cursor.read(new Query(Map.of()), "vaults"));
  }

  /// The last three hold a time that is no number, or before or after all times.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "x",
        "page_",
        "page_x",
        "page_***",
        "page_dmF1bHRzOng6dmx0XzE",
        "page_dmF1bHRzOi0xOnZsdF8x",
        "page_dmF1bHRzOjk5OTk5OTk5OTk5OTk5OTp2bHRfMQ"
      })
  void what_is_no_cursor_is_refused(String page) {
    ApiException refused =
        assertThrows(ApiException.class, () -> Cursor.read(query("page", page), "vaults"));

    assertEquals(
        "`page` is \"" + page + "\", but must be the `next_page` of this list.",
        refused.error().message());
  }

  @Test
  void a_page_that_is_not_the_last_names_its_end() {
    Page last = Page.of("l", List.of("a", "b"), 2, _ -> END);
    Page first = Page.of("l", List.of("a", "b", "c"), 2, _ -> END);

    assertEquals(new Page(List.of("a", "b"), null), last);
    assertEquals(new Page(List.of("a", "b"), new Cursor("l", END).text()), first);
  }

  @ParameterizedTest
  @CsvSource({"limit,0", "limit,101", "limit,x", "limit,-1", "include_archived,perhaps"})
  void bad_parameters_are_refused_by_name(String name, String value) {
    ApiException refused =
        assertThrows(
            ApiException.class,
            () -> {
              query(name, value).limit();
              query(name, value).includeArchived();
            });

    assertTrue(refused.error().message().startsWith("`" + name + "`"));
  }

  @Test
  void parameters_have_defaults_and_the_first_value_counts() {
    Query none = new Query(Map.of("limit", List.of(""), "beta", List.of("true")));

    assertEquals(20, none.limit());
    assertFalse(none.includeArchived());
    assertEquals(100, new Query(Map.of("limit", List.of("100", "7"))).limit());
    assertTrue(query("include_archived", "true").includeArchived());
  }
}
