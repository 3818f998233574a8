package io.steward.devbox.proxy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.steward.devbox.settings.Secret;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.id.Ids;
import io.steward.schemas.json.Json;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.PoolOptions;
import java.util.Map;

/// The one public port. One server and one client per event loop, so that a request stays on the
/// thread that accepted it.
///
/// Limits: a body has 32 MB, or 500 MB and 64 KB when a file is uploaded; a request line 16 KB, the
/// headers 64 KB; there are as many connections to a service as there are requests under way (an
/// open stream is one), up to 20,000 per loop.
public final class Proxy {
  private static final ApiError UNAUTHENTICATED =
      ApiError.unauthenticated(
          "The x-api-key or Authorization: Bearer header is missing or holds an unknown key.");
  private static final ApiError BROKEN_ESCAPE =
      ApiError.invalid("The path has a % that two hexadecimal digits do not follow.");
  private static final int REQUEST_LINE_BYTES_MAX = 16 * 1024;
  private static final int HEADER_BYTES_MAX = 64 * 1024;
  private static final int CONNECTIONS_MAX = 20_000;
  private static final int IDLE_CONNECTION_SECONDS_MAX = 60;
  private static final int LOOPS_MAX = 4;

  private final Vertx vertx;
  private final Upstreams upstreams;
  private final Readiness readiness;
  private final Answers answers;

  public Proxy(Vertx vertx, Upstreams upstreams, Readiness readiness, Secret key) {
    this.vertx = vertx;
    this.upstreams = upstreams;
    this.readiness = readiness;
    this.answers = new Answers(key);
  }

  /// Listens on 127.0.0.1.
  ///
  /// @return fails with a [java.net.BindException] when the port is taken
  public Future<Void> listen(int port) {
    int loops = Math.clamp(Runtime.getRuntime().availableProcessors(), 1, LOOPS_MAX);
    return vertx
        .deployVerticle(() -> new Loop(port), new DeploymentOptions().setInstances(loops))
        .mapEmpty();
  }

  private final class Loop extends AbstractVerticle {
    private final int port;

    Loop(int port) {
      this.port = port;
    }

    @Override
    public void start(Promise<Void> started) {
      HttpClient client = client(vertx);
      vertx
          .createHttpServer(
              new HttpServerOptions()
                  .setMaxInitialLineLength(REQUEST_LINE_BYTES_MAX)
                  .setMaxHeaderSize(HEADER_BYTES_MAX)
                  .setHttp2ClearTextEnabled(false))
          .requestHandler(request -> handle(request, client))
          .invalidRequestHandler(Proxy.this::refuseInvalid)
          .listen(port, "127.0.0.1")
          .<Void>mapEmpty()
          .onComplete(started);
    }
  }

  private static HttpClient client(Vertx vertx) {
    return vertx.createHttpClient(
        new HttpClientOptions()
            .setKeepAlive(true)
            .setKeepAliveTimeout(IDLE_CONNECTION_SECONDS_MAX)
            .setPipelining(false)
            .setMaxHeaderSize(HEADER_BYTES_MAX)
            .setDecompressionSupported(false),
        new PoolOptions().setHttp1MaxSize(CONNECTIONS_MAX));
  }

  private void handle(HttpServerRequest request, HttpClient client) {
    String requestId = Ids.random("req_");
    String path = request.path();
    switch (Route.of(path == null ? "/" : path)) {
      case Route.Readiness _ -> answerReadiness(request, requestId);
      case Route.Malformed _ -> refuse(request, BROKEN_ESCAPE, requestId);
      case Route.Nobody(boolean secured) when secured && !answers.admits(request) ->
          refuse(request, UNAUTHENTICATED, requestId);
      case Route.Nobody _ ->
          refuse(
              request,
              ApiError.notFound("There is nothing at " + request.method() + " " + path + "."),
              requestId);
      case Route.To to when isTooLarge(request, to.bodyBytesMax()) ->
          refuse(request, tooLarge(to.bodyBytesMax()), requestId);
      case Route.To to ->
          new Forwarding(client, answers, request, to, upstreams.port(to.service()), requestId)
              .start();
    }
  }

  private void refuse(HttpServerRequest request, ApiError error, String requestId) {
    var _ = answers.refuse(request, error, requestId);
  }

  /// 413: the body is larger than its route allows.
  static ApiError tooLarge(long bytesMax) {
    return ApiError.tooLarge("The body is larger than the limit of " + bytesMax + " bytes.");
  }

  private static boolean isTooLarge(HttpServerRequest request, long bytesMax) {
    String length = request.getHeader("content-length");
    return length != null
        && (length.length() > 18 || (length.matches("\\d+") && Long.parseLong(length) > bytesMax));
  }

  private void refuseInvalid(HttpServerRequest request) {
    Throwable cause = request.decoderResult().cause();
    String reason = cause == null ? "it cannot be read" : String.valueOf(cause.getMessage());
    answers
        .refuse(
            request,
            ApiError.invalid("The request is not valid HTTP: " + reason + "."),
            Ids.random("req_"))
        .onComplete(_ -> request.connection().close());
  }

  private void answerReadiness(HttpServerRequest request, String requestId) {
    readiness
        .ask()
        .onSuccess(parts -> {
          boolean ready = parts.values().stream().allMatch(Boolean::booleanValue);
          if (request.response().closed()) {
            return;
          }
          var _ =
              request
                  .response()
                  .setStatusCode(ready ? 200 : 503)
                  .putHeader("content-type", "application/json")
                  .putHeader("request-id", requestId)
                  .end(Buffer.buffer(Json.bytes(report(ready, parts))));
        });
  }

  private static ObjectNode report(boolean ready, Map<String, Boolean> parts) {
    ObjectNode report = JsonNodeFactory.instance.objectNode();
    report.put("status", ready ? "UP" : "DOWN");
    ArrayNode checks = report.putArray("checks");
    parts.forEach(
        (name, up) -> checks.addObject().put("name", name).put("status", up ? "UP" : "DOWN"));
    return report;
  }
}
