package io.steward.sessionlog.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.steward.schemas.kafka.DependencyAwayException;
import io.steward.schemas.trace.Tracing;
import io.steward.sessionlog.Samples;
import io.steward.sessionlog.SessionLogMetrics;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What clients are told when something is away or too much is under way, over real connections.
@Timeout(60)
class EdgeTest {
  private static final String SLOW = "/v1/sessions/sesn_1/slow";

  private final Vertx vertx = Vertx.vertx();
  private final HttpClient http = HttpClient.newHttpClient();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final CountDownLatch entered = new CountDownLatch(2);
  private final CountDownLatch mayEnd = new CountDownLatch(1);
  private int port;

  @BeforeEach
  void start() throws Exception {
    Router router = Router.router(vertx);
    Route.Source routes =
        () ->
            List.of(
                Route.get(
                    "/v1/database",
                    _ -> {
                      throw new DependencyAwayException("the database", new SQLException("secret"));
                    }),
                Route.get(
                    "/v1/blobs",
                    _ -> {
                      throw new UncheckedIOException(new IOException("read-only"));
                    }),
                Route.get("/v1/sessions/{session_id}/quick", _ -> new Reply.Json(Map.of())),
                Route.post("/v1/sessions/{session_id}/quick", _ -> new Reply.Json(Map.of())),
                Route.get(
                    "/v1/sessions/{session_id}/slow",
                    _ -> {
                      entered.countDown();
                      awaitEnd();
                      return new Reply.Json(Map.of());
                    }));
    new Edge(
            Samples.config(
                Map.of(
                    "steward.api-key", "k",
                    "steward.session-log.session-requests-max", "2",
                    "steward.session-log.request-bytes-max", "100000")),
            List.of(routes),
            new NamedWorkers(Map.of(), Map.of()),
            new SessionLogMetrics(registry),
            Tracing.off())
        .register(router);
    port =
        vertx
            .createHttpServer()
            .requestHandler(router)
            .listen(0, "127.0.0.1")
            .toCompletionStage()
            .toCompletableFuture()
            .get(10, TimeUnit.SECONDS)
            .actualPort();
  }

  @AfterEach
  void stop() throws Exception {
    mayEnd.countDown();
    http.close();
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  @Test
  void a_database_that_is_away_is_503_and_says_when_to_come_back() throws Exception {
    HttpResponse<String> answer = get("/v1/database").get(10, TimeUnit.SECONDS);

    assertEquals(503, answer.statusCode());
    assertEquals("1", answer.headers().firstValue("retry-after").orElseThrow());
    assertTrue(answer.body().contains("\"type\":\"api_error\""), answer.body());
    assertTrue(answer.body().contains("The database does not answer"), answer.body());
    assertFalse(answer.body().contains("secret"), answer.body());
  }

  @Test
  void a_blob_store_that_is_away_is_503_and_says_when_to_come_back() throws Exception {
    HttpResponse<String> answer = get("/v1/blobs").get(10, TimeUnit.SECONDS);

    assertEquals(503, answer.statusCode());
    assertEquals("1", answer.headers().firstValue("retry-after").orElseThrow());
    assertTrue(answer.body().contains("The blob store does not answer"), answer.body());
  }

  @Test
  void requests_for_one_session_are_limited_and_others_go_on() throws Exception {
    CompletableFuture<HttpResponse<String>> first = get(SLOW);
    CompletableFuture<HttpResponse<String>> second = get(SLOW);
    assertTrue(entered.await(10, TimeUnit.SECONDS));

    HttpResponse<String> refused = get(SLOW).get(10, TimeUnit.SECONDS);
    HttpResponse<String> other = get("/v1/sessions/sesn_2/quick").get(10, TimeUnit.SECONDS);
    mayEnd.countDown();

    assertEquals(429, refused.statusCode());
    assertEquals("1", refused.headers().firstValue("retry-after").orElseThrow());
    assertTrue(refused.body().contains("rate_limit_error"), refused.body());
    assertEquals(200, other.statusCode());
    assertEquals(200, first.get(10, TimeUnit.SECONDS).statusCode());
    assertEquals(200, second.get(10, TimeUnit.SECONDS).statusCode());
    assertEquals(
        1,
        registry
            .get("steward.session.log.refused.requests")
            .tag("status", "429")
            .counter()
            .count());
  }

  @Test
  void bodies_that_leave_no_room_are_refused_and_room_comes_back() throws Exception {
    for (int i = 0; i < 5; i++) {
      assertEquals(429, post(100_001).statusCode());
      assertEquals(200, post(90_000).statusCode());
    }
  }

  private HttpResponse<String> post(int bytes) throws Exception {
    return http.send(
        request("/v1/sessions/sesn_3/quick")
            .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[bytes]))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private CompletableFuture<HttpResponse<String>> get(String path) {
    return http.sendAsync(request(path).build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
        .header("x-api-key", "k");
  }

  private void awaitEnd() {
    try {
      mayEnd.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
