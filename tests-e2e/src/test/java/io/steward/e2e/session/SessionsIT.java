package io.steward.e2e.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.anthropic.core.JsonValue;
import com.anthropic.errors.BadRequestException;
import com.anthropic.errors.NotFoundException;
import com.anthropic.models.beta.sessions.BetaManagedAgentsSession;
import com.anthropic.models.beta.sessions.SessionCreateParams;
import com.anthropic.models.beta.sessions.SessionUpdateParams;
import com.anthropic.services.blocking.beta.SessionService;
import com.fasterxml.jackson.databind.JsonNode;
import io.steward.e2e.model.Gate;
import io.steward.e2e.model.Reply;
import io.steward.e2e.model.Script;
import io.steward.e2e.stage.Answer;
import io.steward.e2e.stage.OpenSession;
import io.steward.e2e.stage.Stage;
import io.steward.e2e.stage.StageExtension;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(StageExtension.class)
class SessionsIT {
  private final Stage stage;
  private final SessionService sessions;

  SessionsIT(Stage stage) {
    this.stage = stage;
    this.sessions = stage.sdk().beta().sessions();
  }

  @Test
  void a_new_session_is_idle_and_holds_a_snapshot_of_its_agent() {
    BetaManagedAgentsSession session =
        sessions
            .create(
                SessionCreateParams.builder()
                    .agent(stage.toolAgentId())
                    .environmentId(stage.environmentId())
                    .title("A title")
                    .metadata(
                        SessionCreateParams.Metadata.builder()
                            .putAdditionalProperty("k", JsonValue.from("v"))
                            .build())
                    .build())
            .validate();

    JsonNode json = Stage.json(session);
    assertTrue(session.id().startsWith("sesn_"), session.id());
    assertEquals("idle", json.path("status").asText());
    assertEquals("A title", json.path("title").asText());
    assertEquals("v", json.at("/metadata/k").asText());
    assertEquals(stage.environmentId(), json.path("environment_id").asText());
    JsonNode agent = json.path("agent");
    assertEquals(stage.toolAgentId(), agent.path("id").asText());
    assertEquals(1, agent.path("version").asInt());
    assertEquals("agent_toolset_20260401", agent.at("/tools/0/type").asText());
    for (String key : List.of("metadata", "created_at", "updated_at", "archived_at")) {
      assertFalse(agent.has(key), key);
    }
    for (String list : List.of("resources", "vault_ids", "outcome_evaluations")) {
      assertEquals("[]", json.path(list).toString(), list);
    }
    assertTrue(json.has("budget") && json.get("budget").isNull());
    assertTrue(json.has("archived_at") && json.get("archived_at").isNull());
    assertTrue(json.path("stats").isObject() && json.path("usage").isObject());
    assertEquals(Stage.json(sessions.retrieve(session.id()).validate()).path("agent"), agent);
  }

  @Test
  void a_session_can_be_made_from_an_agent_of_the_same_millisecond() {
    for (int i = 0; i < 20; i++) {
      String agent = stage.sdk().beta().agents().create(Stage.agent("fresh").build()).id();

      assertEquals(
          agent,
          Stage.json(sessions.retrieve(stage.createSession(agent))).at("/agent/id").asText());
    }
  }

  @Test
  void a_session_made_with_initial_events_is_running_and_handles_them() throws Exception {
    Gate gate = new Gate();
    Script script = stage.model().play(Script.of(Reply.text("a", "b").heldBy(gate)));

    Answer created = stage.api().post("/v1/sessions", withInitialEvents(script.marked("Begin")));

    assertEquals(200, created.status(), created.text());
    assertEquals("running", created.body().path("status").asText());
    try (OpenSession session = OpenSession.attach(stage, created.id(), script)) {
      assertEquals(1, session.listed("user.message").size());
      gate.open();
      session.awaitIdle();
      assertEquals(
          List.of(
              "session.status_running",
              "session.thread_status_running",
              "user.message",
              "span.model_request_start",
              "agent.message",
              "span.model_request_end",
              "session.thread_status_idle",
              "session.usage",
              "session.status_idle"),
          OpenSession.types(session.listed()),
          session::describe);
    }
  }

  @Test
  void one_wrong_initial_event_makes_no_session() throws Exception {
    Answer before = stage.api().get("/v1/sessions?limit=1");
    String body = withInitialEvents("ok").replace("]}],", "]},{\"type\":\"user.interrupt\"}],");

    Answer refused = stage.api().post("/v1/sessions", body);

    assertEquals(400, refused.status(), refused.text());
    Answer after = stage.api().get("/v1/sessions?limit=1");
    assertEquals(before.body().at("/data/0/id"), after.body().at("/data/0/id"));
  }

  @Test
  void an_update_shows_as_an_event_only_when_something_changed() throws Exception {
    try (OpenSession session = stage.plainSession(Script.of())) {
      BetaManagedAgentsSession updated =
          sessions.update(
              SessionUpdateParams.builder()
                  .sessionId(session.id())
                  .title("New")
                  .metadata(
                      SessionUpdateParams.Metadata.builder()
                          .putAdditionalProperty("a", JsonValue.from("1"))
                          .build())
                  .build());
      JsonNode event = session.await("session.updated");
      Answer same =
          stage
              .api()
              .post(
                  "/v1/sessions/" + session.id(), "{\"title\":\"New\",\"metadata\":{\"a\":\"1\"}}");
      Answer empty = stage.api().post("/v1/sessions/" + session.id(), "{}");
      Answer cleared =
          stage
              .api()
              .post("/v1/sessions/" + session.id(), "{\"title\":null,\"metadata\":{\"a\":null}}");

      assertEquals("New", updated.title().orElse(""));
      assertEquals("New", event.path("title").asText());
      assertEquals("1", event.at("/metadata/a").asText());
      assertFalse(event.has("agent") || event.has("budget"), event.toString());
      assertEquals(200, same.status(), same.text());
      assertEquals(200, empty.status(), empty.text());
      assertTrue(cleared.body().path("title").isNull(), cleared.text());
      assertEquals("{}", cleared.body().path("metadata").toString());
      assertEquals(2, session.listed("session.updated").size(), session::describe);
    }
  }

  @Test
  void an_update_of_the_agents_tools_counts_from_the_next_turn() throws Exception {
    try (OpenSession session = stage.session(Script.of(Reply.text("one"), Reply.text("two")))) {
      session.turn("Hi");
      Answer updated =
          stage.api().post("/v1/sessions/" + session.id(), "{\"agent\":{\"tools\":[]}}");
      session.turn("Again");

      assertEquals("[]", updated.body().at("/agent/tools").toString(), updated.text());
      assertEquals(
          stage.toolAgentId(),
          session.listed("session.updated").getFirst().at("/agent/id").asText());
      assertEquals(7, session.script().requests().get(0).toolNames().size());
      assertEquals(0, session.script().requests().get(1).toolNames().size());
    }
  }

  @Test
  void an_archived_session_is_terminated_readable_and_refuses_events() throws Exception {
    try (OpenSession session = stage.plainSession(Script.of(Reply.text("a")))) {
      session.turn("Hi");

      JsonNode archived = Stage.json(sessions.archive(session.id()).validate());

      session.await("session.status_terminated");
      session.awaitEnd();
      assertEquals("terminated", archived.path("status").asText());
      assertTrue(archived.path("archived_at").isTextual());
      assertEquals("terminated", session.get().path("status").asText());
      assertEquals("session.status_terminated", session.listed().getLast().path("type").asText());
      assertThrows(BadRequestException.class, () -> session.send("Late"));
      assertThrows(
          BadRequestException.class,
          () ->
              sessions.update(
                  SessionUpdateParams.builder().sessionId(session.id()).title("Late").build()));
      assertEquals(
          archived.path("archived_at"),
          Stage.json(sessions.archive(session.id())).path("archived_at"));
    }
  }

  @Test
  void a_deleted_session_ends_its_streams_and_is_gone() throws Exception {
    try (OpenSession session =
        stage.session(Script.of(Reply.bash("echo a > b"), Reply.text("a")))) {
      session.turn("Hi");

      JsonNode deleted = Stage.json(sessions.delete(session.id()).validate());

      session.await("session.deleted");
      session.awaitEnd();
      assertEquals("session.deleted", session.seenTypes().getLast());
      assertEquals("session_deleted", deleted.path("type").asText());
      assertEquals(session.id(), deleted.path("id").asText());
      assertThrows(NotFoundException.class, session::get);
      assertThrows(NotFoundException.class, session::listed);
      assertThrows(NotFoundException.class, () -> session.send("Late"));
      assertThrows(NotFoundException.class, () -> sessions.delete(session.id()));
      Answer list = stage.api().get("/v1/sessions?limit=100&include_archived=true");
      assertFalse(list.text().contains(session.id()));
    }
  }

  @Test
  void an_archived_session_can_be_deleted() throws Exception {
    String id = stage.createSession(stage.plainAgentId());
    sessions.archive(id);

    sessions.delete(id);

    assertThrows(NotFoundException.class, () -> sessions.retrieve(id));
  }

  @Test
  void a_running_session_refuses_archive_and_delete_and_allows_them_the_moment_it_is_idle()
      throws Exception {
    Gate gate = new Gate();
    try (OpenSession session = stage.plainSession(Script.of(Reply.text("a", "b").heldBy(gate)))) {
      session.send("Hi");
      session.await("span.model_request_start");

      assertThrows(BadRequestException.class, () -> sessions.archive(session.id()));
      assertThrows(BadRequestException.class, () -> sessions.delete(session.id()));
      assertEquals("running", session.get().path("status").asText());
      gate.open();
      session.awaitIdle();
      sessions.archive(session.id());
      sessions.delete(session.id());
      session.awaitEnd();
    }
  }

  @Test
  void an_unknown_session_agent_or_environment_is_told_so() throws Exception {
    Answer session = stage.api().get("/v1/sessions/sesn_01nothere");
    Answer agent =
        stage
            .api()
            .post(
                "/v1/sessions",
                "{\"agent\":\"agent_01nothere\",\"environment_id\":\"%s\"}"
                    .formatted(stage.environmentId()));
    Answer environment =
        stage
            .api()
            .post(
                "/v1/sessions",
                "{\"agent\":\"%s\",\"environment_id\":\"env_01nothere\"}"
                    .formatted(stage.plainAgentId()));

    assertEquals(404, session.status());
    assertTrue(List.of(400, 404).contains(agent.status()), agent.text());
    assertTrue(agent.errorMessage().contains("agent_01nothere"), agent.text());
    assertTrue(List.of(400, 404).contains(environment.status()), environment.text());
    assertTrue(environment.errorMessage().contains("env_01nothere"), environment.text());
  }

  private String withInitialEvents(String text) {
    return """
    {"agent":"%s","environment_id":"%s",
     "initial_events":[{"type":"user.message","content":[{"type":"text","text":"%s"}]}],
     "title":null}
    """
        .formatted(stage.plainAgentId(), stage.environmentId(), text);
  }
}
