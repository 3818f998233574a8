package io.steward.sessionlog.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.steward.schemas.http.ApiError;
import io.steward.schemas.id.SessionId;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// The table of contract/core.md §4.2.
class AccessTest {
  private static final SessionId SESSION = SessionId.random(0);
  private static final Caller KEY = new Caller.EnvironmentWorker("env_1", "hash");
  private static final Caller TOKEN = token(false);
  private static final Map<String, String> QUEUE = Map.of("environment_id", "env_1");
  private static final Map<String, String> ITEM =
      Map.of("environment_id", "env_1", "work_id", "work_1");
  private static final Map<String, String> IN_SESSION = Map.of("session_id", SESSION.value());

  @Test
  void every_kind_of_credential_opens_what_the_table_says() {
    assertOpens(Access.CLIENT, ITEM, 200, 403, 403);
    assertOpens(Access.CLIENT, IN_SESSION, 200, 403, 403);
    assertOpens(Access.QUEUE, QUEUE, 200, 200, 403);
    assertOpens(Access.POLL, QUEUE, 403, 200, 403);
    assertOpens(Access.HOLD, ITEM, 403, 200, 200);
    assertOpens(Access.STOP, ITEM, 200, 200, 200);
    assertOpens(Access.SESSION, IN_SESSION, 200, 200, 200);
  }

  @Test
  void a_worker_stays_in_its_environment() {
    Map<String, String> other = Map.of("environment_id", "env_2", "work_id", "work_1");

    assertEquals(403, status(Access.POLL, KEY, other));
    assertEquals(403, status(Access.HOLD, KEY, other));
    assertEquals(403, status(Access.HOLD, TOKEN, other));
    assertEquals(200, status(Access.STOP, Caller.CLIENT, other));
  }

  @Test
  void a_token_opens_its_item_and_its_session_alone() {
    Map<String, String> other = Map.of("environment_id", "env_1", "work_id", "work_2");

    assertEquals(403, status(Access.STOP, TOKEN, other));
    assertEquals(
        403, status(Access.SESSION, TOKEN, Map.of("session_id", SessionId.random(0).value())));
    assertEquals(403, status(Access.SESSION, TOKEN, Map.of("session_id", "nonsense")));
    String spelled = SESSION.value().replace("sesn_", "session_");
    assertEquals(200, status(Access.SESSION, TOKEN, Map.of("session_id", spelled)));
  }

  @Test
  void the_token_of_a_stopped_item_still_opens_the_item() {
    assertEquals(200, status(Access.STOP, token(true), ITEM));
    assertEquals(200, status(Access.HOLD, token(true), ITEM));
    assertEquals(401, status(Access.SESSION, token(true), IN_SESSION));
  }

  private static Caller token(boolean over) {
    return new Caller.ItemWorker("env_1", "work_1", SESSION, "hash", over);
  }

  private static void assertOpens(
      Access access, Map<String, String> path, int client, int key, int token) {
    assertEquals(client, status(access, Caller.CLIENT, path), access + " with the API key");
    assertEquals(key, status(access, KEY, path), access + " with an environment key");
    assertEquals(token, status(access, TOKEN, path), access + " with a sessions token");
  }

  private static int status(Access access, Caller caller, Map<String, String> path) {
    return access.refusal(caller, path).map(ApiError::status).orElse(200);
  }
}
