package io.steward.vaultproxy.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.DependencyAwayException;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What clients are told, over real connections.
@Timeout(60)
class EdgeTest {
  private static final int REQUESTS_MAX = 2;
  private static final long BYTES_MAX = 2 * BodyReader.KEPT_BYTES_MAX;

  private final Vertx vertx = Vertx.vertx();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final CountDownLatch entered = new CountDownLatch(REQUESTS_MAX);
  private final CountDownLatch mayEnd = new CountDownLatch(1);
  private int port;

  @BeforeEach
  void start() throws Exception {
    List<Route> routes =
        List.of(
            Route.post(
                "/v1/vaults/{vault_id}",
                request ->
                    Map.of("id", request.vaultId(), "bytes", request.object().toString().length())),
            Route.get("/v1/vaults/{vault_id}", request -> Map.of("id", request.vaultId())),
            Route.get(
                "/v1/away",
                _ -> {
                  throw new DependencyAwayException("the database", new SQLException("inside"));
                }),
            Route.get(
                "/v1/bug",
                _ -> {
                  throw new IllegalStateException("inside");
                }),
            Route.get(
                "/v1/taken",
                _ -> {
                  throw new ApiException(ApiError.conflict("Taken."));
                }),
            Route.get(
                "/v1/slow",
                _ -> {
                  entered.countDown();
                  awaitEnd();
                  return Map.of();
                }));
    Router router = Router.router(vertx);
    new Edge(Optional.of("k"), routes, new Traffic(REQUESTS_MAX, BYTES_MAX), registry)
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

  private void awaitEnd() {
    try {
      mayEnd.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @AfterEach
  void stop() throws Exception {
    mayEnd.countDown();
    http.close();
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
  }

  private HttpResponse<String> send(String method, String path, String body) throws Exception {
    return http.send(
        request(path)
            .header("x-api-key", "k")
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static JsonNode json(HttpResponse<String> response) {
    return Json.tree(response.body().getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void an_answer_has_a_request_id_a_workspace_and_json() throws Exception {
    HttpResponse<String> answer = send("GET", "/v1/vaults/vlt_1?beta=true&x=1", "");

    assertEquals(200, answer.statusCode());
    assertEquals("{\"id\":\"vlt_1\"}", answer.body());
    assertTrue(header(answer, "request-id").startsWith("req_01"));
    assertEquals("wrkspc_default", header(answer, "anthropic-workspace-id"));
    assertEquals("application/json", header(answer, "content-type"));
  }

  private static String header(HttpResponse<String> answer, String name) {
    return answer.headers().firstValue(name).orElse("");
  }

  @Test
  void the_key_comes_before_the_route_and_names_no_workspace() throws Exception {
    for (HttpRequest.Builder request :
        List.of(
            request("/v1/vaults/vlt_1"),
            request("/v1/nothing").header("x-api-key", "wrong"),
            request("/v1/vaults/vlt_1").header("authorization", "Basic k"))) {
      HttpResponse<String> answer =
          http.send(request.build(), HttpResponse.BodyHandlers.ofString());

      assertEquals(401, answer.statusCode());
      assertEquals("authentication_error", json(answer).at("/error/type").asText());
      assertEquals("", header(answer, "anthropic-workspace-id"));
    }
    assertEquals(
        200,
        http.send(
                request("/v1/vaults/vlt_1").header("authorization", "Bearer k").build(),
                HttpResponse.BodyHandlers.ofString())
            .statusCode());
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /v1/nothing, 404",
    "GET, /, 404",
    "GET, /v1/vaults/vlt_1/, 404",
    "GET, /v1/vaults/vlt%201, 404",
    "DELETE, /v1/vaults/vlt_1, 405",
    "PATCH, /v1/vaults/vlt_1, 405",
    "GET, /v1/taken, 409",
    "GET, /v1/bug, 500",
    "GET, /v1/away, 503",
  })
  void errors_have_the_envelope_and_tell_nothing_of_the_inside(
      String method, String path, int status) throws Exception {
    HttpResponse<String> answer = send(method, path, "");

    assertEquals(status, answer.statusCode());
    assertEquals("error", json(answer).path("type").asText());
    assertEquals(header(answer, "request-id"), json(answer).path("request_id").asText());
    assertFalse(answer.body().contains("inside"), answer.body());
    assertEquals(status == 503 ? "1" : "", header(answer, "retry-after"));
    assertEquals(status == 409 ? "false" : "", header(answer, "x-should-retry"));
    assertEquals(status == 405 ? "POST, GET" : "", header(answer, "allow"));
  }

  @Test
  void head_is_get_without_the_body() throws Exception {
    HttpResponse<String> answer = send("HEAD", "/v1/vaults/vlt_1", "");

    assertEquals(200, answer.statusCode());
    assertEquals("", answer.body());
    assertEquals("application/json", header(answer, "content-type"));
  }

  @Test
  void bodies_have_limits() throws Exception {
    int most = (int) BodyReader.KEPT_BYTES_MAX;
    String path = "/v1/vaults/vlt_1";

    assertEquals(200, send("POST", path, object(most)).statusCode());
    HttpResponse<String> tooLong = send("POST", path, object(most + 1));
    assertEquals(400, tooLong.statusCode());
    assertTrue(tooLong.body().contains("1,048,577"), tooLong.body());
    HttpResponse<String> tooLarge = send("POST", path, object((int) BodyReader.BODY_BYTES_MAX + 1));
    assertEquals(413, tooLarge.statusCode());
    assertEquals("request_too_large", json(tooLarge).at("/error/type").asText());
    assertEquals(400, send("POST", path, "").statusCode());
    assertEquals(0, registry.get(Exchange.METRICS + "request.bytes").gauge().value());
  }

  private static String object(int bytes) {
    return "{\"a\":\"" + "x".repeat(bytes - 8) + "\"}";
  }

  @Test
  void requests_beyond_the_limit_are_told_to_come_back() throws Exception {
    CompletableFuture<?>[] slow = new CompletableFuture<?>[REQUESTS_MAX];
    for (int i = 0; i < REQUESTS_MAX; i++) {
      slow[i] =
          http.sendAsync(
              request("/v1/slow").header("x-api-key", "k").build(),
              HttpResponse.BodyHandlers.ofString());
    }
    entered.await();

    HttpResponse<String> refused = send("GET", "/v1/vaults/vlt_1", "");

    assertEquals(429, refused.statusCode());
    assertEquals("1", header(refused, "retry-after"));
    assertEquals("rate_limit_error", json(refused).at("/error/type").asText());
    mayEnd.countDown();
    CompletableFuture.allOf(slow).get();
    assertEquals(
        1,
        registry.get(Exchange.METRICS + "requests.refused").tag("status", "429").counter().count());
  }

  @Test
  void bytes_of_bodies_are_counted_together() {
    Traffic traffic = new Traffic(REQUESTS_MAX, 10);
    Traffic.Body one = traffic.body();
    Traffic.Body two = traffic.body();

    assertTrue(one.hold(6));
    assertFalse(two.hold(5));
    assertTrue(two.hold(4));
    one.release();
    one.release();
    assertEquals(4, traffic.bytes());
  }
}
