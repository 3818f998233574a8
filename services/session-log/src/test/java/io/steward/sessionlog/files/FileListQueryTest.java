package io.steward.sessionlog.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.steward.schemas.http.ApiException;
import io.steward.schemas.id.SessionId;
import io.steward.sessionlog.files.FileListQuery.From;
import io.steward.sessionlog.http.QueryParameters;
import io.steward.sessionlog.list.Cursors;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FileListQueryTest {
  private static final From.Cursor CURSOR =
      new From.Cursor(Instant.parse("2026-08-21T10:00:00.123Z"), "file_01abc");

  @Test
  void nothing_asked_is_the_first_twenty() {
    assertEquals(
        new FileListQuery(Set.of(), Optional.empty(), 20, Optional.empty()), current(Map.of()));
  }

  @Test
  void a_cursor_is_read_back() {
    assertEquals(Optional.of(CURSOR), current(Map.of("page", List.of(CURSOR.text()))).from());
  }

  @Test
  void what_is_no_cursor_of_this_list_is_refused() {
    for (String page :
        List.of(
            "next",
            "page_",
            Cursors.text("s", "a", "n", Instant.EPOCH, "sesn_1"),
            Cursors.text("f", "today", "file_1"),
            Cursors.text("f", "+99999-01-01T00:00:00Z", "file_1"),
            Cursors.text("f", Instant.EPOCH, "\u0000"))) {
      assertThrows(ApiException.class, () -> current(Map.of("page", List.of(page))), page);
    }
  }

  @Test
  void ids_are_counted_once_and_exclude_page_and_limit() {
    List<String> hundred = IntStream.range(0, 100).mapToObj(i -> "file_" + i).toList();
    List<String> twice = Stream.concat(hundred.stream(), hundred.stream()).toList();
    List<String> more = IntStream.range(0, 101).mapToObj(i -> "file_" + i).toList();

    assertEquals(100, current(Map.of("ids[]", twice)).ids().size());
    assertThrows(ApiException.class, () -> current(Map.of("ids[]", more)));
    assertThrows(
        ApiException.class,
        () -> current(Map.of("ids[]", List.of("file_1"), "limit", List.of("5"))));
    assertThrows(
        ApiException.class,
        () -> current(Map.of("ids[]", List.of("file_1"), "page", List.of(CURSOR.text()))));
  }

  @Test
  void what_cannot_be_an_id_finds_nothing_instead_of_everything() {
    assertEquals(Set.of(""), current(Map.of("ids[]", List.of("x\u0000"))).ids());
    assertEquals(Optional.of(""), current(Map.of("scope_id", List.of("x\u0000"))).scopeId());
  }

  @Test
  void a_scope_is_a_session_in_either_spelling() {
    SessionId id = SessionId.random(3);
    String other = id.value().replace("sesn_", "session_");

    assertEquals(Optional.of(id.value()), current(Map.of("scope_id", List.of(other))).scopeId());
  }

  @Test
  void the_limit_is_from_1_to_1000() {
    assertEquals(1000, current(Map.of("limit", List.of("1000"))).limit());
    assertThrows(ApiException.class, () -> current(Map.of("limit", List.of("1001"))));
    assertThrows(ApiException.class, () -> current(Map.of("limit", List.of("0"))));
  }

  @Test
  void earlier_clients_name_a_file_before_or_after_the_page() {
    assertEquals(
        Optional.of(new From.After("file_1")),
        legacy(Map.of("after_id", List.of("file_1"))).from());
    assertEquals(
        Optional.of(new From.Before("file_1")),
        legacy(Map.of("before_id", List.of("file_1"))).from());
    assertThrows(
        ApiException.class,
        () -> legacy(Map.of("before_id", List.of("file_1"), "after_id", List.of("file_2"))));
    assertThrows(ApiException.class, () -> legacy(Map.of("page", List.of(CURSOR.text()))));
    assertThrows(ApiException.class, () -> legacy(Map.of("ids[]", List.of("file_1"))));
  }

  private static FileListQuery current(Map<String, List<String>> values) {
    return FileListQuery.of(new QueryParameters(values), false);
  }

  private static FileListQuery legacy(Map<String, List<String>> values) {
    return FileListQuery.of(new QueryParameters(values), true);
  }
}
