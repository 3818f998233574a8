package io.steward.sessionlog.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.event.ContentBlock;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.id.Ids;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import io.steward.sessionlog.http.Credential;
import io.steward.sessionlog.stage.Elsewhere;
import io.steward.sessionlog.stage.RunningService;
import io.steward.sessionlog.stage.RunningService.Answer;
import io.steward.stage.Broker;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Workers at two replicas of the packaged service, with a real broker and a real database. The
/// second replica gives leases of one second.
@Timeout(240)
class WorkIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String FIRST_BEAT = "/heartbeat?expected_last_heartbeat=NO_HEARTBEAT";
  private static final String RESULT =
      "{\"events\":[{\"type\":\"user.tool_result\",\"tool_use_id\":\"%s\",\"is_error\":false,"
          + "\"content\":[{\"type\":\"text\",\"text\":\"%s\"}]}]}";
  private static final String MODELS =
      """
      providers: {a: {kind: anthropic}}
      models:
        - {id: "*", provider: a, context_window: 200000, output_tokens_max: 64000}
      """;

  @TempDir static Path directory;
  private static EmbeddedPostgres postgres;
  private static Broker broker;
  private static Elsewhere elsewhere;
  private static RunningService here;
  private static RunningService there;

  @BeforeAll
  static void start() throws Exception {
    postgres = EmbeddedPostgres.start();
    broker = Broker.start(Files.createDirectories(directory.resolve("kafka")), 2);
    Path models = Files.writeString(directory.resolve("models.yaml"), MODELS);
    elsewhere = new Elsewhere(broker.address(), directory.resolve("blobs"));
    elsewhere.agent();
    Map<String, String> settings =
        new HashMap<>(
            Map.of(
                "STEWARD_SESSION_PARTITIONS", "2",
                "STEWARD_MODELS", models.toString(),
                "STEWARD_SESSION_LOG_PING_INTERVAL", "500ms"));
    here = RunningService.start(postgres.getPort(), broker.address(), directory, settings);
    here.awaitReady(); // It migrates the database.
    settings.put("STEWARD_SESSION_LOG_WORK_LEASE", "1s"); // Nothing else than silence is given one.
    there = RunningService.start(postgres.getPort(), broker.address(), directory, settings);
    there.awaitReady();
  }

  @AfterAll
  static void stop() throws Exception {
    there.close();
    here.close();
    elsewhere.close();
    broker.close();
    postgres.close();
  }

  /// An environment with a key, and its queue.
  private record Lab(String id, Credential key) {
    static Lab create() throws Exception {
      String id = Ids.random("env_");
      Lab lab =
          new Lab(
              id,
              new Credential(
                  Credential.Kind.ENVIRONMENT_KEY, "sk-ant-env01-" + Ids.random("").repeat(2)));
      elsewhere.environment(id);
      elsewhere.key(id, "envkey_1", lab.key);
      return lab;
    }

    String work() {
      return "/v1/environments/" + id + "/work";
    }

    SessionId session(String initialEvents) throws Exception {
      Answer created =
          here.post(
              "/v1/sessions",
              RunningService.KEY,
              "{\"agent\":\"agent_01A\",\"environment_id\":\"%s\",\"initial_events\":%s}"
                  .formatted(id, initialEvents));
      assertEquals(200, created.status(), created.toString());
      return new SessionId(created.text("/id"));
    }

    /// Polls until there is something.
    Held poll(RunningService replica) throws Exception {
      long giveUpNanos = System.nanoTime() + PATIENCE.toNanos();
      while (true) {
        Answer answer = replica.get(work() + "/poll?block_ms=999", key.text());
        assertEquals(200, answer.status(), answer.toString());
        if (!answer.body().isNull()) {
          JsonNode secret = Json.tree(Base64.getUrlDecoder().decode(answer.text("/secret")));
          assertEquals("queued", answer.text("/state"));
          return new Held(
              work() + "/" + answer.text("/id"),
              new SessionId(answer.text("/data/id")),
              secret.path("sessions_token").textValue());
        }
        assertTrue(System.nanoTime() - giveUpNanos < 0, "nothing came");
      }
    }
  }

  /// An item as a worker has it.
  private record Held(String path, SessionId session, String token) {
    String inSession(String rest) {
      return "/v1/sessions/" + session + rest;
    }
  }

  @Test
  void a_poll_at_another_replica_gets_a_new_session_and_only_one_poll_does() throws Exception {
    Lab lab = Lab.create();
    assertTrue(here.get(lab.work() + "/poll", lab.key.text()).body().isNull());

    SessionId session = lab.session("[]");

    assertEquals(session, lab.poll(there).session());
    assertTrue(here.get(lab.work() + "/poll", lab.key.text()).body().isNull());
    Answer stats = here.get(lab.work() + "/stats", RunningService.KEY);
    assertEquals(
        "{\"type\":\"work_queue_stats\",\"depth\":0,\"pending\":1}",
        stats.body().toString().replaceAll(",\"oldest.*", "}"));
    assertTrue(stats.body().path("oldest_queued_at").isTextual());
    assertEquals(1, stats.body().path("workers_polling").intValue());
  }

  @Test
  void a_worker_serves_a_session_with_the_token_of_its_item() throws Exception {
    Lab lab = Lab.create();
    SessionId session = lab.session(message());
    Held held = lab.poll(here);
    Answer acknowledged = here.post(held.path() + "/ack", lab.key.text(), null);
    assertEquals("starting", acknowledged.text("/state"));
    assertTrue(acknowledged.body().path("secret").isNull());
    Answer beat = here.post(held.path() + FIRST_BEAT, held.token(), null);
    assertEquals("active", beat.text("/state"), beat.toString());
    assertEquals(200, there.get(held.inSession(""), held.token()).status());
    String call = elsewhere.callsBash(session, first(here.get(events(session), held.token())));

    Answer result =
        there.post(held.inSession("/events"), held.token(), RESULT.formatted(call, "a"));
    Answer again = here.post(held.inSession("/events"), held.token(), RESULT.formatted(call, "a"));
    Answer other = here.post(held.inSession("/events"), held.token(), RESULT.formatted(call, "b"));

    assertEquals(200, result.status(), result.toString());
    assertEquals(200, again.status(), again.toString());
    assertEquals(result.text("/data/0/id"), again.text("/data/0/id"));
    assertEquals(400, other.status(), other.toString());
    Answer listed = here.get(events(session) + "&types[]=user.tool_result", held.token());
    assertEquals(1, listed.body().path("data").size(), listed.toString());
    Answer lost = here.post(held.path() + FIRST_BEAT, held.token(), null);
    assertEquals(412, lost.status());
    assertEquals("heartbeat_precondition_failed", lost.text("/error/details/error_code"));
    assertEquals(
        beat.text("/last_heartbeat"), lost.text("/error/details/current_state/last_heartbeat"));
    assertEquals("stopped", stop(there, held).text("/state"));
    assertEquals("stopped", stop(here, held).text("/state"));
    assertEquals(401, here.get(held.inSession(""), held.token()).status());
  }

  @Test
  void a_worker_does_what_the_table_says_and_nothing_else() throws Exception {
    Lab lab = Lab.create();
    Lab other = Lab.create();
    lab.session("[]");
    SessionId foreign = other.session("[]");
    Held held = lab.poll(here);
    String key = lab.key.text();

    assertEquals(200, here.get(held.inSession(""), key).status());
    assertEquals(404, here.get("/v1/sessions/" + foreign, key).status());
    assertEquals(403, here.get("/v1/sessions/" + foreign, held.token()).status());
    assertEquals(403, here.get(other.work() + "/poll", key).status());
    assertEquals(403, here.get("/v1/sessions", key).status());
    assertEquals(403, here.get(held.path(), key).status());
    assertEquals(403, here.get(lab.work() + "/poll", RunningService.KEY).status());
    Answer said =
        here.post(held.inSession("/events"), held.token(), "{\"events\":" + message() + "}");
    assertEquals(403, said.status(), said.toString());
    assertTrue(said.text("/error/message").contains("user.message"), said.toString());
    assertEquals(200, here.get(held.path(), RunningService.KEY).status());
    Answer tagged = here.post(held.path(), RunningService.KEY, "{\"metadata\":{\"host\":\"a\"}}");
    assertEquals("a", tagged.text("/metadata/host"));
    Answer list = here.get(lab.work() + "?limit=1", key);
    assertEquals(1, list.body().path("data").size());
    assertTrue(list.body().path("next_page").isNull());
    assertEquals(400, here.get(lab.work() + "/poll?block_ms=0", key).status());
    assertEquals(
        404, here.get("/v1/environments/env_none/work/stats", RunningService.KEY).status());
  }

  @Test
  void work_of_a_silent_worker_goes_to_another_and_its_token_is_nobodys() throws Exception {
    Lab lab = Lab.create();
    lab.session(message());
    Held first = lab.poll(there);
    assertEquals(200, there.post(first.path() + "/ack", lab.key.text(), null).status());

    Held second = lab.poll(here);

    assertEquals(first.path(), second.path());
    assertNotEquals(first.token(), second.token());
    assertEquals(401, here.get(first.inSession(""), first.token()).status());
    assertEquals(401, here.post(first.path() + FIRST_BEAT, first.token(), null).status());
    assertEquals(200, here.post(second.path() + "/ack", second.token(), null).status());
    assertEquals(200, here.post(second.path() + FIRST_BEAT, second.token(), null).status());
    assertTrue(
        here.metric("steward_session_log_work_leases_lost_total")
                + there.metric("steward_session_log_work_leases_lost_total")
            >= 1);
  }

  @Test
  void a_revoked_key_opens_nothing_from_the_next_request_on_and_its_streams_end() throws Exception {
    Lab lab = Lab.create();
    SessionId session = lab.session("[]");
    HttpResponse<InputStream> stream =
        here.open("/v1/sessions/" + session + "/events/stream", lab.key.text());
    assertEquals(200, stream.statusCode());

    elsewhere.revoke(lab.id, "envkey_1");

    assertEquals(401, here.get(lab.work() + "/poll", lab.key.text()).status());
    assertEquals(401, there.get("/v1/sessions/" + session, lab.key.text()).status());
    try (InputStream body = stream.body()) {
      body.transferTo(OutputStream.nullOutputStream()); // Until it ends.
    }
  }

  @Test
  void a_stop_reaches_the_worker_and_an_archived_session_has_no_work() throws Exception {
    Lab lab = Lab.create();
    SessionId session = lab.session("[]");
    Held held = lab.poll(here);
    here.post(held.path() + "/ack", lab.key.text(), null);
    here.post(held.path() + FIRST_BEAT, held.token(), null);

    assertEquals(
        "stopping", here.post(held.path() + "/stop", RunningService.KEY, "{}").text("/state"));

    Answer beat = there.post(held.path() + FIRST_BEAT, held.token(), null);
    assertEquals("stopping", beat.text("/state"));
    assertFalse(beat.body().path("lease_extended").booleanValue());
    assertEquals(
        200, here.post("/v1/sessions/" + session + "/archive", RunningService.KEY, null).status());
    assertEquals("stopped", here.get(held.path(), RunningService.KEY).text("/state"));
    assertTrue(here.get(lab.work() + "/poll", lab.key.text()).body().isNull());
  }

  private static Answer stop(RunningService replica, Held held) throws Exception {
    return replica.post(held.path() + "/stop", held.token(), "{\"force\":true}");
  }

  private static String events(SessionId session) {
    return "/v1/sessions/" + session + "/events?limit=1000";
  }

  private static String message() {
    return "[{\"type\":\"user.message\",\"content\":[{\"type\":\"text\",\"text\":\"hi\"}]}]";
  }

  private static SessionEvent.UserMessage first(Answer events) {
    return new SessionEvent.UserMessage(
        events.text("/data/0/id"), List.of(new ContentBlock.Text("hi")), null);
  }
}
