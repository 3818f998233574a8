package io.steward.e2e.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.anthropic.models.beta.sessions.SessionListParams;
import com.fasterxml.jackson.databind.JsonNode;
import io.steward.e2e.stage.Answer;
import io.steward.e2e.stage.Stage;
import io.steward.e2e.stage.StageExtension;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// The list of sessions: order, filters, and cursors in both directions. Each test has an agent of
/// its own, so that other sessions do not get in its way.
@ExtendWith(StageExtension.class)
class SessionListIT {
  private final Stage stage;
  private final List<String> made = new ArrayList<>();
  private String agent = "";

  SessionListIT(Stage stage) {
    this.stage = stage;
  }

  @BeforeEach
  void makeSevenSessions() {
    agent = stage.sdk().beta().agents().create(Stage.agent("listed").build()).id();
    for (int i = 0; i < 7; i++) {
      made.add(stage.createSession(agent));
    }
  }

  @Test
  void the_newest_come_first_unless_asked_otherwise() throws Exception {
    assertEquals(made.reversed(), ids(list("")));
    assertEquals(made, ids(list("&order=asc")));
  }

  @Test
  void the_official_client_pages_to_the_end() {
    List<String> paged = new ArrayList<>();

    stage
        .sdk()
        .beta()
        .sessions()
        .list(SessionListParams.builder().agentId(agent).limit(3).build())
        .autoPager()
        .forEach(session -> paged.add(session.validate().id()));

    assertEquals(made.reversed(), paged);
  }

  @Test
  void a_page_leads_forth_and_back() throws Exception {
    Answer first = list("&limit=3");
    Answer second = list("&limit=3&page=" + cursor(first, "next_page"));
    Answer third = list("&limit=3&page=" + cursor(second, "next_page"));
    Answer back = list("&limit=3&page=" + cursor(third, "prev_page"));
    Answer start = list("&limit=3&page=" + cursor(back, "prev_page"));

    assertTrue(first.body().has("prev_page") && first.body().get("prev_page").isNull());
    assertTrue(third.body().has("next_page") && third.body().get("next_page").isNull());
    assertEquals(1, third.body().path("data").size());
    assertEquals(ids(second), ids(back));
    assertEquals(ids(first), ids(start));
    assertTrue(start.body().get("prev_page").isNull(), start.text());
  }

  @Test
  void a_cursor_belongs_to_its_order() throws Exception {
    String cursor = cursor(list("&limit=3"), "next_page");

    Answer refused = list("&limit=3&order=asc&page=" + cursor);

    assertEquals(400, refused.status(), refused.text());
  }

  @Test
  void an_empty_cursor_is_no_cursor_and_nonsense_is_refused() throws Exception {
    assertEquals(made.reversed(), ids(list("&page=")));
    assertEquals(400, list("&page=page_nonsense").status());
    assertEquals(400, list("&page=7").status());
  }

  @Test
  void a_limit_out_of_range_is_refused_by_name_and_value() throws Exception {
    for (String limit : List.of("0", "-1", "101", "x")) {
      Answer refused = list("&limit=" + limit);

      assertEquals(400, refused.status(), limit);
      assertTrue(refused.errorMessage().contains("limit"), refused.text());
      assertTrue(refused.errorMessage().contains(limit), refused.text());
    }
  }

  @Test
  void statuses_filter_in_both_spellings_and_archived_ones_hide() throws Exception {
    stage.sdk().beta().sessions().archive(made.getFirst());

    assertEquals(6, ids(list("")).size());
    assertEquals(6, ids(list("&statuses%5B%5D=idle&statuses%5B%5D=running")).size());
    assertEquals(0, ids(list("&statuses=running")).size());
    assertEquals(
        List.of(made.getFirst()), ids(list("&include_archived=true&statuses%5B%5D=terminated")));
    assertEquals(400, list("&statuses%5B%5D=asleep").status());
  }

  @Test
  void creation_times_bound_the_list() throws Exception {
    String third = createdAt(made.get(2));

    assertTrue(ids(list("&created_at%5Bgte%5D=" + third)).contains(made.get(2)));
    assertFalse(ids(list("&created_at%5Bgt%5D=" + third)).contains(made.get(2)));
    assertTrue(ids(list("&created_at%5Blte%5D=" + third)).contains(made.get(0)));
    assertFalse(ids(list("&created_at%5Blt%5D=" + third)).contains(made.get(6)));
    assertEquals(400, list("&created_at%5Bgt%5D=yesterday").status());
  }

  @Test
  void the_agents_version_narrows_the_filter() throws Exception {
    assertEquals(7, ids(list("&agent_version=1")).size());
    assertEquals(0, ids(list("&agent_version=2")).size());
  }

  private Answer list(String more) throws Exception {
    return stage.api().get("/v1/sessions?agent_id=" + agent + more);
  }

  private String createdAt(String id) throws Exception {
    return URLEncoder.encode(
        stage.api().get("/v1/sessions/" + id).body().path("created_at").asText(),
        StandardCharsets.UTF_8);
  }

  private static String cursor(Answer page, String direction) {
    String cursor = page.body().path(direction).asText("null");
    assertFalse(cursor.equals("null"), direction + " of " + page);
    return URLEncoder.encode(cursor, StandardCharsets.UTF_8);
  }

  private static List<String> ids(Answer page) {
    assertEquals(200, page.status(), page.text());
    List<String> ids = new ArrayList<>();
    for (JsonNode session : page.body().path("data")) {
      ids.add(session.path("id").asText());
    }
    return ids;
  }
}
