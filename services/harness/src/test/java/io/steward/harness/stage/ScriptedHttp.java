package io.steward.harness.stage;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.steward.schemas.json.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;

/// A server that answers byte for byte as it is told, and remembers what it was asked.
public final class ScriptedHttp implements AutoCloseable {
  private final HttpServer server;
  private final Queue<Answer> answers = new ConcurrentLinkedQueue<>();
  private final List<Asked> asked = new CopyOnWriteArrayList<>();

  /// @param body as it goes over the wire
  public record Answer(int status, Map<String, String> headers, String body) {
    public static Answer json(int status, String body) {
      return new Answer(status, Map.of("content-type", "application/json"), body);
    }

    /// A stream with one event for each text of data.
    public static Answer sse(String... data) {
      StringBuilder body = new StringBuilder();
      for (String event : data) {
        body.append("data: ").append(event).append("\n\n");
      }
      return new Answer(200, Map.of("content-type", "text/event-stream"), body.toString());
    }

    /// A stream of the Messages API: the events are named by their types.
    public static Answer messages(String... data) {
      StringBuilder body = new StringBuilder();
      for (String event : data) {
        String type = Json.tree(event.getBytes(StandardCharsets.UTF_8)).path("type").asText();
        body.append("event: ").append(type).append("\ndata: ").append(event).append("\n\n");
      }
      return new Answer(200, Map.of("content-type", "text/event-stream"), body.toString());
    }
  }

  public record Asked(String path, Headers headers, JsonNode body) {}

  private ScriptedHttp(HttpServer server) {
    this.server = server;
  }

  public static ScriptedHttp start() throws IOException {
    InetSocketAddress loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    ScriptedHttp http = new ScriptedHttp(HttpServer.create(loopback, 64));
    http.server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    http.server.createContext("/", http::answer);
    http.server.start();
    return http;
  }

  public String baseUrl() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /// Answers of the next requests; one more is an error.
  public ScriptedHttp play(Answer... next) {
    answers.addAll(List.of(next));
    return this;
  }

  public List<Asked> asked() {
    return asked;
  }

  @Override
  public void close() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] raw = exchange.getRequestBody().readAllBytes();
      String path = exchange.getRequestURI().getPath();
      asked.add(new Asked(path, exchange.getRequestHeaders(), Json.tree(raw)));
      Answer answer = answers.poll();
      if (answer == null) {
        exchange.sendResponseHeaders(501, -1);
        return;
      }
      byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
      answer.headers().forEach(exchange.getResponseHeaders()::set);
      exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
    }
  }
}
