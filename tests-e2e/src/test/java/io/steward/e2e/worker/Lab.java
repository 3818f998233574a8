package io.steward.e2e.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.e2e.model.Script;
import io.steward.e2e.stage.Answer;
import io.steward.e2e.stage.OpenSession;
import io.steward.e2e.stage.Patience;
import io.steward.e2e.stage.Stage;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;

/// A self-hosted environment and a key for its workers.
///
/// @param id of the environment
record Lab(Stage stage, String id, String keyId, String key) {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  static Lab open(Stage stage) throws Exception {
    Answer environment =
        stage
            .api()
            .post(
                "/v1/environments",
                "{\"name\":\"lab %s\",\"config\":{\"type\":\"self_hosted\"}}"
                    .formatted(UUID.randomUUID()));
    assertEquals(200, environment.status(), environment.text());
    Answer key = stage.api().post("/v1/environments/" + environment.id() + "/keys");
    assertEquals(200, key.status(), key.text());
    return new Lab(stage, environment.id(), key.id(), key.body().path("key").asText());
  }

  /// A new session of this agent in the lab, its stream open.
  OpenSession session(String agentId, Script script) throws Exception {
    stage.model().play(script);
    return OpenSession.attach(stage, createSession(agentId), script);
  }

  String createSession(String agentId) throws Exception {
    Answer created =
        stage
            .api()
            .post(
                "/v1/sessions",
                "{\"agent\":\"%s\",\"environment_id\":\"%s\"}".formatted(agentId, id));
    assertEquals(200, created.status(), created.text());
    return created.id();
  }

  /// From now on no worker gets in with the key.
  void revoke() throws Exception {
    Answer deleted = stage.api().delete("/v1/environments/" + id + "/keys/" + keyId);
    assertEquals(200, deleted.status(), deleted.text());
  }

  /// What the queue says of itself to the API key.
  JsonNode stats() throws Exception {
    Answer stats = stage.api().get(work("/stats"));
    assertEquals(200, stats.status(), stats.text());
    return stats.body();
  }

  /// All items of the queue, as the key lists them.
  List<JsonNode> items() throws Exception {
    Answer listed = send("GET", work("?limit=100"), key);
    assertEquals(200, listed.status(), listed.text());
    return listed.body().path("data").valueStream().toList();
  }

  static boolean isStopped(JsonNode item) {
    return item.path("state").asText().equals("stopped");
  }

  /// Polls with the key, as a worker does it, until there is an item.
  JsonNode poll() throws Exception {
    AtomicReference<JsonNode> item = new AtomicReference<>();
    Patience.until(
        PATIENCE,
        () -> "an item comes into the queue of " + id,
        () -> {
          Answer polled = send("GET", work("/poll?block_ms=999"), key);
          assertEquals(200, polled.status(), polled.text());
          item.set(polled.body());
          return polled.body().isObject();
        });
    return item.get();
  }

  String work(String rest) {
    return "/v1/environments/" + id + "/work" + rest;
  }

  /// A request with this bearer alone.
  Answer send(String method, String path, String bearer) throws Exception {
    return stage
        .api()
        .send(
            stage
                .api()
                .anonymous(path)
                .header("authorization", "Bearer " + bearer)
                .header("Anthropic-Worker-ID", "by hand")
                .method(method, HttpRequest.BodyPublishers.noBody()));
  }
}
