package io.steward.e2e.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.anthropic.models.beta.sessions.events.EventListParams;
import com.anthropic.models.beta.sessions.threads.BetaManagedAgentsSessionThread;
import com.anthropic.models.beta.sessions.threads.ThreadRetrieveParams;
import com.fasterxml.jackson.databind.JsonNode;
import io.steward.e2e.model.Gate;
import io.steward.e2e.model.Reply;
import io.steward.e2e.model.Script;
import io.steward.e2e.stage.Answer;
import io.steward.e2e.stage.OpenSession;
import io.steward.e2e.stage.Stage;
import io.steward.e2e.stage.StageExtension;
import io.steward.e2e.stage.WallTime;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// The list of a session's events, and its primary thread (contract, events §2).
@ExtendWith(StageExtension.class)
class EventListIT {
  private final Stage stage;

  EventListIT(Stage stage) {
    this.stage = stage;
  }

  @Test
  void pages_in_either_order_make_up_the_whole_list() throws Exception {
    try (OpenSession session = twoTurns()) {
      List<String> all = ids(list(session, ""));
      assertEquals(18, all.size(), session::describe);

      for (String order : List.of("asc", "desc")) {
        List<String> paged = new ArrayList<>();
        String page = "";
        int pages = 0;
        do {
          Answer answer = list(session, "limit=4&order=" + order + "&page=" + page);
          paged.addAll(ids(answer));
          page =
              URLEncoder.encode(answer.body().path("next_page").asText(""), StandardCharsets.UTF_8);
          if (answer.body().path("next_page").isNull()) {
            page = "";
          }
          pages++;
        } while (!page.isEmpty());
        assertEquals(order.equals("asc") ? all : all.reversed(), paged, order);
        assertEquals(5, pages);
      }
    }
  }

  @Test
  void the_official_client_pages_to_the_end() throws Exception {
    try (OpenSession session = twoTurns()) {
      List<String> paged = new ArrayList<>();
      stage
          .sdk()
          .beta()
          .sessions()
          .events()
          .list(EventListParams.builder().sessionId(session.id()).limit(5).build())
          .autoPager()
          .forEach(event -> paged.add(Stage.json(event).path("id").asText()));

      assertEquals(ids(list(session, "limit=1000")), paged);
    }
  }

  @Test
  void a_cursor_stays_good_while_events_are_added() throws Exception {
    try (OpenSession session = stage.plainSession(Script.of(Reply.text("a"), Reply.text("b")))) {
      session.turn("One");
      Answer first = list(session, "limit=5");
      session.turn("Two");
      String page =
          URLEncoder.encode(first.body().path("next_page").asText(), StandardCharsets.UTF_8);
      List<String> rest = ids(list(session, "page=" + page));

      List<String> both = new ArrayList<>(ids(first));
      both.addAll(rest);
      assertEquals(ids(list(session, "")), both);
    }
  }

  @Test
  void types_and_times_filter() throws Exception {
    try (OpenSession session = twoTurns()) {
      List<JsonNode> messages =
          events(list(session, "types%5B%5D=agent.message&types%5B%5D=user.message"));
      String middle =
          URLEncoder.encode(messages.get(2).path("processed_at").asText(), StandardCharsets.UTF_8);

      assertEquals(
          List.of("user.message", "agent.message", "user.message", "agent.message"),
          OpenSession.types(messages));
      assertEquals(2, events(list(session, "types=agent.message")).size());
      assertTrue(
          ids(list(session, "created_at%5Bgte%5D=" + middle))
              .contains(messages.get(2).path("id").asText()));
      assertFalse(
          ids(list(session, "created_at%5Blt%5D=" + middle))
              .contains(messages.get(2).path("id").asText()));
    }
  }

  @Test
  void wrong_parameters_are_refused_by_name() throws Exception {
    try (OpenSession session = twoTurns()) {
      String ascending =
          URLEncoder.encode(
              list(session, "limit=4&order=asc").body().path("next_page").asText(),
              StandardCharsets.UTF_8);
      List<String> wrong =
          List.of(
              "limit=0",
              "limit=1001",
              "limit=many",
              "order=sideways",
              "page=page_nonsense",
              "page=" + ascending + "&order=desc",
              "types%5B%5D=session.deleted",
              "types%5B%5D=event_delta",
              "created_at%5Bgt%5D=noon");
      for (String query : wrong) {
        Answer refused = list(session, query);

        assertEquals(400, refused.status(), query + " -> " + refused);
        assertEquals("invalid_request_error", refused.errorType());
        String name = query.substring(0, query.indexOf('=')).replaceAll("%5B.*", "");
        assertTrue(refused.errorMessage().contains(name), query + " -> " + refused);
      }
    }
  }

  @Test
  void the_events_of_an_unknown_session_are_not_found() throws Exception {
    assertEquals(404, stage.api().get("/v1/sessions/sesn_01unknown/events").status());
  }

  @Test
  void the_primary_thread_is_listed_and_read() throws Exception {
    Gate gate = new Gate();
    try (OpenSession session =
        stage.plainSession(Script.of(Reply.text("a"), Reply.text("b", "c").heldBy(gate)))) {
      session.turn("Hi");
      List<BetaManagedAgentsSessionThread> threads = threads(session);
      JsonNode thread = Stage.json(threads.getFirst());

      assertEquals(1, threads.size());
      assertTrue(thread.path("id").asText().startsWith("sthr_"));
      assertEquals("session_thread", thread.path("type").asText());
      assertEquals(session.id(), thread.path("session_id").asText());
      assertTrue(thread.has("parent_thread_id") && thread.get("parent_thread_id").isNull());
      assertTrue(thread.has("workflow_run_id") && thread.get("workflow_run_id").isNull());
      assertEquals("idle", thread.path("status").asText());
      assertEquals(stage.plainAgentId(), thread.at("/agent/id").asText());
      assertEquals(11, thread.at("/usage/input_tokens").asInt());
      JsonNode retrieved =
          Stage.json(
              stage
                  .sdk()
                  .beta()
                  .sessions()
                  .threads()
                  .retrieve(
                      ThreadRetrieveParams.builder()
                          .sessionId(session.id())
                          .threadId(thread.path("id").asText())
                          .build())
                  .validate());
      assertEquals(WallTime.without(thread), WallTime.without(retrieved));
      session.send("Again");
      session.await("span.model_request_start");
      assertEquals("running", Stage.json(threads(session).getFirst()).path("status").asText());
      gate.open();
      session.awaitIdle();
    }
  }

  @Test
  void the_primary_threads_events_are_the_sessions() throws Exception {
    try (OpenSession session = twoTurns()) {
      String thread = threads(session).getFirst().id();
      String path = "/v1/sessions/" + session.id() + "/threads/" + thread + "/events";

      assertEquals(ids(list(session, "")), ids(stage.api().get(path)));
      assertEquals(4, ids(stage.api().get(path + "?limit=4")).size());
      assertEquals(
          404, stage.api().get("/v1/sessions/" + session.id() + "/threads/sthr_01no").status());
      assertEquals(
          404,
          stage
              .api()
              .get("/v1/sessions/" + session.id() + "/threads/" + thread + "/events/stream")
              .status());
    }
  }

  @Test
  void the_primary_thread_cannot_be_archived() throws Exception {
    try (OpenSession session = twoTurns()) {
      String thread = threads(session).getFirst().id();

      Answer refused =
          stage.api().post("/v1/sessions/" + session.id() + "/threads/" + thread + "/archive");

      assertEquals(400, refused.status(), refused.text());
      assertEquals("idle", session.get().path("status").asText());
    }
  }

  @Test
  void threads_filter_by_status() throws Exception {
    try (OpenSession session = twoTurns()) {
      String path = "/v1/sessions/" + session.id() + "/threads?statuses%5B%5D=";

      assertEquals(1, stage.api().get(path + "idle").body().path("data").size());
      assertEquals(0, stage.api().get(path + "running").body().path("data").size());
      assertEquals(400, stage.api().get(path + "asleep").status());
    }
  }

  private OpenSession twoTurns() throws InterruptedException {
    OpenSession session = stage.plainSession(Script.of(Reply.text("a"), Reply.text("b")));
    session.turn("One");
    session.turn("Two");
    return session;
  }

  private List<BetaManagedAgentsSessionThread> threads(OpenSession session) {
    List<BetaManagedAgentsSessionThread> threads = new ArrayList<>();
    stage
        .sdk()
        .beta()
        .sessions()
        .threads()
        .list(session.id())
        .autoPager()
        .forEach(thread -> threads.add(thread.validate()));
    return threads;
  }

  private Answer list(OpenSession session, String query) throws Exception {
    return stage.api().get("/v1/sessions/" + session.id() + "/events?" + query);
  }

  private static List<JsonNode> events(Answer page) {
    assertEquals(200, page.status(), page.text());
    List<JsonNode> events = new ArrayList<>();
    page.body().path("data").forEach(events::add);
    return events;
  }

  private static List<String> ids(Answer page) {
    return events(page).stream().map(event -> event.path("id").asText()).toList();
  }
}
