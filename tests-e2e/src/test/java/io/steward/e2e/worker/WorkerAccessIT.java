package io.steward.e2e.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.e2e.stage.Answer;
import io.steward.e2e.stage.Api;
import io.steward.e2e.stage.Stage;
import io.steward.e2e.stage.StageExtension;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// What the key of an environment and the token of a work item open, and that they open nothing
/// else (contract, core §4.2).
@ExtendWith(StageExtension.class)
class WorkerAccessIT {
  private static final String TOKEN_BEGINNING = "sk-ant-req-";
  private static final Set<Integer> REFUSALS = Set.of(401, 403, 404);

  /// What neither of them has anything to do with.
  private static final List<String> CLOSED =
      List.of("/v1/agents", "/v1/environments", "/v1/vaults", "/v1/sessions", "/v1/files");

  private final Stage stage;
  private final Lab lab;
  private final String own;

  WorkerAccessIT(Stage stage) throws Exception {
    this.stage = stage;
    this.lab = Lab.open(stage);
    this.own = lab.createSession(stage.plainAgentId());
    stage.plant(TOKEN_BEGINNING);
  }

  private static String session(String id) {
    return "/v1/sessions/" + id;
  }

  private void assertRefused(String method, String path, String bearer) throws Exception {
    Answer answer = lab.send(method, path, bearer);
    assertTrue(REFUSALS.contains(answer.status()), () -> method + " " + path + " -> " + answer);
    assertEquals("error", answer.body().path("type").asText(), answer.text());
  }

  private void assertOpen(String method, String path, String bearer) throws Exception {
    Answer answer = lab.send(method, path, bearer);
    assertEquals(200, answer.status(), () -> method + " " + path + " -> " + answer);
  }

  /// What is the same for a key and a token: sessions of others, and what is of no worker.
  private void assertClosed(String bearer, String foreign) throws Exception {
    for (String path : CLOSED) {
      assertRefused("GET", path, bearer);
    }
    for (String rest : List.of("", "/events", "/events/stream", "/resources", "/threads")) {
      assertRefused("GET", session(foreign) + rest, bearer);
    }
    assertRefused("POST", session(foreign) + "/events", bearer);
    for (String id : List.of(own, foreign)) {
      assertRefused("POST", session(id), bearer);
      assertRefused("POST", session(id) + "/archive", bearer);
      assertRefused("DELETE", session(id), bearer);
    }
    assertRefused("GET", "/v1/environments/" + lab.id() + "/keys", bearer);
    assertRefused("POST", "/v1/environments/" + lab.id() + "/keys", bearer);
  }

  @Test
  void a_key_opens_the_sessions_of_its_environment_and_nothing_else() throws Exception {
    Lab other = Lab.open(stage);
    String foreign = other.createSession(stage.plainAgentId());
    String cloud = stage.createSession(stage.plainAgentId());

    assertOpen("GET", session(own), lab.key());
    assertOpen("GET", session(own) + "/events?limit=1000", lab.key());
    assertOpen("GET", lab.work(""), lab.key());
    assertClosed(lab.key(), foreign);
    assertClosed(lab.key(), cloud);
    assertRefused("GET", other.work("/poll"), lab.key());
    assertRefused("GET", other.work(""), lab.key());
    assertRefused("GET", "/v1/environments/" + stage.environmentId() + "/work/poll", lab.key());
  }

  @Test
  void a_token_opens_the_session_of_its_item_and_no_other_one() throws Exception {
    JsonNode item = lab.poll();
    String token = token(item);
    String neighbour = lab.createSession(stage.plainAgentId());

    assertEquals(own, item.at("/data/id").asText());
    assertTrue(token.startsWith(TOKEN_BEGINNING), "another beginning");
    assertOpen("POST", lab.work("/" + item.path("id").asText() + "/ack"), lab.key());
    assertOpen("GET", session(own), token);
    assertOpen("GET", session(own) + "/events?limit=1000", token);
    assertClosed(token, neighbour);
    assertRefused("GET", lab.work("/poll"), token);
    JsonNode next = lab.poll();
    assertEquals(neighbour, next.at("/data/id").asText());
    assertRefused("POST", lab.work("/" + next.path("id").asText() + "/heartbeat"), token);
    assertRefused("POST", lab.work("/" + next.path("id").asText() + "/stop"), token);
  }

  @Test
  void a_key_that_is_revoked_opens_nothing_from_the_next_request_on() throws Exception {
    assertOpen("GET", session(own), lab.key());

    lab.revoke();

    assertEquals(401, lab.send("GET", session(own), lab.key()).status());
    assertEquals(401, lab.send("GET", lab.work("/poll"), lab.key()).status());
  }

  private static String token(JsonNode item) {
    byte[] secret = Base64.getUrlDecoder().decode(item.path("secret").asText());
    return Api.json(new String(secret, StandardCharsets.UTF_8)).path("sessions_token").asText();
  }
}
