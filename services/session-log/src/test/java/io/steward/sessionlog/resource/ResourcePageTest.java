package io.steward.sessionlog.resource;

import static io.steward.sessionlog.Samples.T0;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.resource.SessionResource;
import io.steward.sessionlog.http.Page;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ResourcePageTest {
  private final List<SessionResource> attached =
      new ArrayList<>(
          List.of(
              Resources.file("c", "/c"),
              Resources.file("a", "/a"),
              Resources.file("z", "/z", T0.plusSeconds(2)),
              Resources.file("b", "/b", T0.plusSeconds(1))));

  @Test
  void all_are_shown_oldest_first_and_in_the_order_they_were_attached() {
    Page<JsonNode> page = ResourcePage.of(attached, 1_000, null);

    assertEquals(List.of("c", "a", "b", "z"), ids(page));
    assertNull(page.nextPage());
  }

  @Test
  void pages_follow_each_other() {
    Page<JsonNode> first = ResourcePage.of(attached, 3, null);
    Page<JsonNode> second = ResourcePage.of(attached, 3, first.nextPage());

    assertEquals(List.of("c", "a", "b"), ids(first));
    assertEquals(List.of("z"), ids(second));
    assertNull(second.nextPage());
  }

  @Test
  void nothing_is_left_out_when_a_page_was_deleted_meanwhile() {
    Page<JsonNode> first = ResourcePage.of(attached, 1, null);
    attached.removeFirst();

    assertEquals(List.of("a", "b", "z"), ids(ResourcePage.of(attached, 9, first.nextPage())));
  }

  @Test
  void a_cursor_of_another_list_is_refused() {
    for (String cursor : List.of("x", "page_", "page_cmVzb3VyY2VzfHh8eA")) {
      assertThrows(ApiException.class, () -> ResourcePage.of(attached, 1, cursor), cursor);
    }
  }

  private static List<String> ids(Page<JsonNode> page) {
    return page.data().stream().map(resource -> resource.path("id").asText()).toList();
  }
}
