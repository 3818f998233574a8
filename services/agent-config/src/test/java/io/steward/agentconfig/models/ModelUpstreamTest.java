package io.steward.agentconfig.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Against a real HTTP server that answers what it is told to.
class ModelUpstreamTest {
  private static final String MODEL = "{\"id\":\"m\"}";

  private final AtomicReference<String> seen = new AtomicReference<>("");
  private final HttpServer server;
  private final String baseUrl;
  private volatile int status = 200;
  private volatile String body = MODEL;

  ModelUpstreamTest() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    baseUrl = "http://127.0.0.1:" + server.getAddress().getPort();
  }

  @BeforeEach
  void start() {
    server.createContext(
        "/",
        exchange -> {
          seen.set(
              exchange.getRequestURI()
                  + " "
                  + Objects.requireNonNullElse(
                      exchange.getRequestHeaders().getFirst("x-api-key"), "no key"));
          exchange.getResponseHeaders().add("retry-after", "7");
          byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private ModelUpstream upstream() {
    return new ModelUpstream(baseUrl + "/", Optional.of("secret"), Duration.ofSeconds(5));
  }

  private ApiError refusal(int answer, String text) {
    status = answer;
    body = text;
    ModelUpstream upstream = upstream();
    return assertThrows(ApiException.class, () -> upstream.get("/v1/models")).error();
  }

  @Test
  void the_answer_is_passed_on_and_the_key_is_sent() {
    assertEquals("m", upstream().get("/v1/models/m?x=1").get("id").textValue());
    assertEquals("/v1/models/m?x=1 secret", seen.get());
  }

  @ParameterizedTest
  @CsvSource({
    "400, 400, invalid_request_error",
    "404, 404, not_found_error",
    "429, 429, rate_limit_error",
    "529, 429, rate_limit_error",
    "401, 502, api_error",
    "500, 502, api_error",
    "302, 502, api_error"
  })
  void an_error_of_the_upstream_becomes_one_of_ours(int upstream, int ours, String type) {
    ApiError error = refusal(upstream, "{\"error\":{\"message\":\"limit is too high\"}}");

    assertEquals(ours, error.status());
    assertEquals(type, error.type());
  }

  @Test
  void what_the_upstream_says_about_a_bad_request_is_passed_on() {
    assertEquals(
        "limit is too high",
        refusal(400, "{\"error\":{\"message\":\"limit is too high\"}}").message());
  }

  @Test
  void a_busy_upstream_says_when_to_come_back() {
    assertEquals(Duration.ofSeconds(7), refusal(429, "{}").retryAfter());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "<html>", "{"})
  void an_answer_that_is_no_json_is_a_bad_gateway(String text) {
    ApiError error = refusal(200, text);

    assertEquals(502, error.status());
    assertTrue(error.message().contains("cannot be read"), error.message());
  }

  @Test
  void an_upstream_that_is_away_is_unavailable() {
    server.stop(0);
    ModelUpstream upstream = upstream();

    ApiError error = assertThrows(ApiException.class, () -> upstream.get("/v1/models")).error();

    assertEquals(503, error.status());
    assertEquals(Duration.ofSeconds(5), error.retryAfter());
  }
}
