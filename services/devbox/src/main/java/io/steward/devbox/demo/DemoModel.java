package io.steward.devbox.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.id.Ids;
import io.steward.schemas.json.Json;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.UncheckedIOException;

/// Serves the demo model on a loopback port: `POST /v1/messages`, streaming or not. It takes any
/// key and any model name.
public final class DemoModel {
  /// The file of models that makes the demo model the only one.
  public static final String CATALOG =
      """
      providers:
        demo: {kind: anthropic}
      active_hour: 0.08
      models:
        - id: demo
          provider: demo
          display_name: Demo model (built in, runs lines that start with "$ ")
          context_window: 200000
          output_tokens_max: 8192
          prices: {input: 0, output: 0, cache_write: 0, cache_read: 0}
          images: true
          documents: true
        - id: "*"
          provider: demo
          context_window: 200000
          output_tokens_max: 8192
          efforts: [low, medium, high, xhigh, max]
          images: true
          documents: true
      """;

  private final Vertx vertx;

  public DemoModel(Vertx vertx) {
    this.vertx = vertx;
  }

  /// Listens on 127.0.0.1.
  ///
  /// @param port 0 for a free one
  /// @return the port
  public Future<Integer> listen(int port) {
    return vertx
        .createHttpServer()
        .requestHandler(this::handle)
        .listen(port, "127.0.0.1")
        .map(HttpServer::actualPort);
  }

  private void handle(HttpServerRequest request) {
    String path = String.valueOf(request.path());
    if (request.method() == HttpMethod.POST && path.equals("/v1/messages")) {
      request.body().onSuccess(body -> answer(request, body));
    } else {
      refuse(request, ApiError.notFound("The demo model has nothing at " + path + "."));
    }
  }

  private void answer(HttpServerRequest request, Buffer body) {
    JsonNode asked;
    try {
      asked = Json.tree(body.getBytes());
    } catch (UncheckedIOException e) {
      refuse(request, ApiError.invalid("The body is not JSON."));
      return;
    }
    if (!asked.path("messages").isArray() || asked.path("messages").isEmpty()) {
      refuse(request, ApiError.invalid("messages: at least one message is required."));
      return;
    }
    DemoMessage message =
        new DemoMessage(
            DemoReply.to(asked),
            Ids.random("msg_"),
            Ids.random("toolu_"),
            DemoMessage.tokens(asked));
    if (asked.path("stream").asBoolean(false)) {
      stream(request.response(), message);
    } else {
      end(request.response(), 200, message.whole());
    }
  }

  private static void stream(HttpServerResponse response, DemoMessage message) {
    response.putHeader("content-type", "text/event-stream; charset=utf-8");
    response.putHeader("cache-control", "no-cache");
    response.putHeader("request-id", Ids.random("req_"));
    response.setChunked(true);
    for (DemoMessage.Frame frame : message.frames()) {
      var _ = response.write(frame.text());
    }
    var _ = response.end();
  }

  private static void refuse(HttpServerRequest request, ApiError error) {
    end(request.response(), error.status(), error.envelope(Ids.random("req_")));
  }

  private static void end(HttpServerResponse response, int status, ObjectNode body) {
    response.setStatusCode(status).putHeader("content-type", "application/json");
    response.putHeader("request-id", Ids.random("req_"));
    var _ = response.end(Buffer.buffer(Json.bytes(body)));
  }
}
