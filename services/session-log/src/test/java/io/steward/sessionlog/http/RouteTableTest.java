package io.steward.sessionlog.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.steward.sessionlog.http.RouteTable.Match;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RouteTableTest {
  private static final Route.Handler HANDLER = _ -> new Reply.Json(Map.of());
  private final RouteTable table =
      new RouteTable(
          List.of(
              Route.get("/v1/sessions/{session_id}", HANDLER),
              Route.post("/v1/sessions/{session_id}", HANDLER),
              Route.get("/v1/sessions/{session_id}/threads/{thread_id}/events", HANDLER)));

  @Test
  void a_placeholder_takes_one_decoded_segment() {
    Match.Found found =
        assertInstanceOf(Match.Found.class, table.match("GET", "/v1/sessions/a%2Fb+c"));

    assertEquals(Map.of("session_id", "a/b+c"), found.path());
  }

  @Test
  void another_method_is_told_which_ones_there_are() {
    Match.WrongMethod wrong =
        assertInstanceOf(Match.WrongMethod.class, table.match("PUT", "/v1/sessions/x"));

    assertEquals(List.of("GET", "POST"), wrong.methods());
  }

  @Test
  void a_longer_shorter_or_empty_path_is_nothing() {
    for (String path :
        List.of(
            "/v1/sessions",
            "/v1/sessions/",
            "/v1/sessions/x/",
            "/v1/sessions/%zz",
            "/v1/sessions/x/threads/y/events/stream",
            "/")) {
      assertInstanceOf(Match.Nothing.class, table.match("GET", path), path);
    }
  }
}
