package io.steward.sessionlog.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.kafka.DependencyAwayException;
import io.steward.schemas.trace.Tracing;
import io.steward.sessionlog.Samples;
import io.steward.sessionlog.SessionLogMetrics;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Workers at the edge, over real connections: who they are is looked up before anything of their
/// requests is read.
@Timeout(60)
class WorkerEdgeTest {
  private static final String KEY = "sk-ant-env01-" + "k".repeat(43);
  private static final String AWAY = "sk-ant-env01-" + "a".repeat(43);
  private static final String BEHIND = "sk-ant-env01-" + "b".repeat(43);
  private static final SessionId MINE = SessionId.random(0);
  private static final SessionId FOREIGN = SessionId.random(0);

  private final Vertx vertx = Vertx.vertx();
  private final HttpClient http = HttpClient.newHttpClient();
  private int port;

  /// Some of the credentials cannot be looked up.
  private record Workers(NamedWorkers named) implements WorkerCredentials {
    @Override
    public Optional<Caller> find(Credential credential) {
      if (credential.text().equals(AWAY)) {
        throw new DependencyAwayException("the database", new SQLException("secret"));
      }
      if (credential.text().equals(BEHIND)) {
        throw new ApiException(ApiError.unavailable("Not read yet."));
      }
      return named.find(credential);
    }

    @Override
    public Optional<String> environmentOf(SessionId session) {
      return named.environmentOf(session);
    }

    @Override
    public Set<Caller> revoked(Collection<Caller> open) {
      return named.revoked(open);
    }
  }

  @BeforeEach
  void start() throws Exception {
    Router router = Router.router(vertx);
    Route.Handler echo =
        request ->
            new Reply.Json(
                Map.of("bytes", request.body().length, "worker", "" + request.workerId()));
    Route.Source routes =
        () ->
            List.of(
                Route.get("/v1/environments/{environment_id}/work/poll", echo).openTo(Access.POLL),
                Route.post("/v1/sessions/{session_id}/events", echo).openTo(Access.SESSION),
                Route.get("/v1/sessions", echo));
    NamedWorkers named =
        new NamedWorkers(
            Map.of(KEY, new Caller.EnvironmentWorker("env_1", "hash")),
            Map.of(MINE, "env_1", FOREIGN, "env_2"));
    new Edge(
            Samples.config(Map.of("steward.api-key", "k")),
            List.of(routes),
            new Workers(named),
            new SessionLogMetrics(new SimpleMeterRegistry()),
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
    http.close();
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  @Test
  void a_worker_gets_in_with_its_key_in_either_header_and_with_its_name() throws Exception {
    HttpResponse<String> bearer =
        send(
            poll("env_1")
                .header("authorization", "Bearer " + KEY)
                .header("Anthropic-Worker-ID", "w"));
    HttpResponse<String> apiKey = send(poll("env_1").header("x-api-key", KEY));

    assertEquals(200, bearer.statusCode(), bearer.body());
    assertTrue(bearer.body().contains("\"worker\":\"w\""), bearer.body());
    assertEquals(200, apiKey.statusCode(), apiKey.body());
  }

  @Test
  void the_body_of_a_worker_arrives_whole() throws Exception {
    HttpResponse<String> answer = send(events(MINE, 3_000_000));

    assertEquals(200, answer.statusCode(), answer.body());
    assertTrue(answer.body().contains("\"bytes\":3000000"), answer.body());
  }

  @Test
  void sessions_of_another_environment_are_not_there_for_a_worker() throws Exception {
    assertEquals(404, send(events(FOREIGN, 10)).statusCode());
    assertEquals(404, send(events(SessionId.random(0), 2_000_000)).statusCode());
  }

  @Test
  void an_unknown_credential_is_401_and_one_that_opens_something_else_403() throws Exception {
    assertEquals(401, send(poll("env_1").header("x-api-key", KEY + "x")).statusCode());
    assertEquals(401, send(poll("env_1").header("x-api-key", "sk-ant-req-short")).statusCode());
    assertEquals(403, send(poll("env_2").header("x-api-key", KEY)).statusCode());
    assertEquals(403, send(request("/v1/sessions").header("x-api-key", KEY)).statusCode());
    HttpResponse<String> client = send(poll("env_1").header("x-api-key", "k"));
    assertEquals(403, client.statusCode());
    assertTrue(client.body().contains("permission_error"), client.body());
    assertEquals(
        401,
        send(poll("env_1").header("x-api-key", "k").header("authorization", "Bearer " + KEY))
            .statusCode());
  }

  @Test
  void a_credential_that_cannot_be_looked_up_is_never_refused_for_good() throws Exception {
    for (String key : List.of(AWAY, BEHIND)) {
      HttpResponse<String> answer = send(poll("env_1").header("x-api-key", key));

      assertEquals(503, answer.statusCode(), answer.body());
      assertEquals("1", answer.headers().firstValue("retry-after").orElseThrow());
      assertFalse(answer.body().contains("secret"), answer.body());
    }
  }

  private HttpRequest.Builder events(SessionId session, int bytes) {
    return request("/v1/sessions/" + session + "/events")
        .header("authorization", "Bearer " + KEY)
        .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[bytes]));
  }

  private HttpRequest.Builder poll(String environment) {
    return request("/v1/environments/" + environment + "/work/poll");
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }
}
