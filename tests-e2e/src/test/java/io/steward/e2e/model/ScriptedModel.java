package io.steward.e2e.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The server of the scripted model: `POST /v1/messages` by scripts, `GET /v1/models`.
///
/// Every request is held against the rules of the real API first. Many sessions can share one
/// server, because each script is found by its marker.
public final class ScriptedModel implements AutoCloseable {
  /// The models that `GET /v1/models` lists.
  public static final List<String> MODELS = List.of("claude-opus-5-5", "claude-haiku-5-5");

  private static final Pattern MARKER = Pattern.compile("\\[script-[0-9a-f-]{36}]");
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpServer server;
  private final RequestRules rules;
  private final Map<String, Script> scripts = new ConcurrentHashMap<>();
  private final List<String> strays = new CopyOnWriteArrayList<>();

  private ScriptedModel(HttpServer server, String apiKey) {
    this.server = server;
    this.rules = new RequestRules(apiKey);
  }

  /// Starts the model on a free port of the loopback address. It accepts only this key.
  public static ScriptedModel start(String apiKey) throws IOException {
    InetSocketAddress loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    HttpServer server = HttpServer.create(loopback, 1024);
    ScriptedModel model = new ScriptedModel(server, apiKey);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/v1/messages", model::messages);
    server.createContext("/v1/models", model::models);
    server.start();
    return model;
  }

  public String baseUrl() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /// From now on this script answers the requests that carry its marker.
  public Script play(Script script) {
    scripts.put(script.marker(), script);
    return script;
  }

  /// Requests that belong to no script, in words.
  public List<String> strays() {
    return List.copyOf(strays);
  }

  @Override
  public void close() {
    server.stop(0);
  }

  static ObjectNode errorBody(String type, String message) {
    ObjectNode body = JSON.createObjectNode().put("type", "error");
    body.putObject("error").put("type", type).put("message", message);
    return body.put("request_id", "req_" + UUID.randomUUID());
  }

  private void messages(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] raw = exchange.getRequestBody().readAllBytes();
      long arrivedNanos = System.nanoTime();
      Map<String, String> headers = headersOf(exchange);
      Script script = scriptOf(new String(raw, StandardCharsets.UTF_8));
      if (script == null) {
        strays.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
        sendError(exchange, Reply.invalidRequest("no script for this request"));
        return;
      }
      JsonNode body = parse(raw);
      ModelRequest request =
          script.record(number ->
              new ModelRequest(number, arrivedNanos, headers, body, new CompletableFuture<>()));
      perform(exchange, script, request, replyTo(exchange, script, request));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Reply replyTo(HttpExchange exchange, Script script, ModelRequest request) {
    try {
      RefusedRequestException.unless(
          exchange.getRequestMethod().equals("POST"), "Method Not Allowed");
      rules.checkHeaders(request.headers());
      rules.check(request.body(), script);
      Reply reply = script.answer(request);
      RefusedRequestException.unless(
          reply != null, "the script has no reply for request " + request.number());
      return Objects.requireNonNull(reply);
    } catch (RefusedRequestException e) {
      script.recordFault("request " + request.number() + ": " + e.getMessage());
      return e.reply();
    }
  }

  private static void perform(
      HttpExchange exchange, Script script, ModelRequest request, Reply reply)
      throws IOException, InterruptedException {
    ModelRequest.Ending ending = ModelRequest.Ending.HUNG_UP;
    try {
      if (reply instanceof Reply.HttpError error) {
        sendError(exchange, error);
      } else {
        stream(exchange, new ReplyStreamFactory(script, request), reply);
      }
      ending = ModelRequest.Ending.ANSWERED;
    } finally {
      request.ended().complete(ending);
    }
  }

  private record ReplyStreamFactory(Script script, ModelRequest request) {
    ReplyStream over(OutputStream out) {
      return new ReplyStream(out, script, request.body().path("model").asText());
    }
  }

  private static void stream(HttpExchange exchange, ReplyStreamFactory streams, Reply reply)
      throws IOException, InterruptedException {
    exchange.getResponseHeaders().set("content-type", "text/event-stream; charset=utf-8");
    exchange.getResponseHeaders().set("request-id", "req_" + UUID.randomUUID());
    exchange.sendResponseHeaders(200, 0);
    OutputStream out = exchange.getResponseBody();
    ReplyStream stream = streams.over(out);
    switch (reply) {
      case Reply.Message message -> stream.send(message);
      case Reply.StreamError error -> stream.send(error);
      case Reply.Cut cut -> {
        stream.send(cut);
        // Closing the exchange before its body is a cut connection: no last chunk is sent.
        exchange.close();
        return;
      }
      case Reply.HttpError error -> throw new IllegalStateException("not a stream: " + error);
    }
    out.close();
  }

  private void models(HttpExchange exchange) throws IOException {
    try (exchange) {
      rules.checkHeaders(headersOf(exchange));
      ObjectNode page = JSON.createObjectNode();
      for (String id : MODELS) {
        page.withArray("data")
            .addObject()
            .put("type", "model")
            .put("id", id)
            .put("display_name", id)
            .put("created_at", "2026-01-01T00:00:00Z");
      }
      page.put("has_more", false);
      page.put("first_id", MODELS.getFirst()).put("last_id", MODELS.getLast());
      send(exchange, 200, page);
    } catch (RefusedRequestException e) {
      strays.add("GET /v1/models: " + e.getMessage());
      sendError(exchange, e.reply());
    }
  }

  private @Nullable Script scriptOf(String body) {
    Matcher matcher = MARKER.matcher(body);
    while (matcher.find()) {
      Script script = scripts.get(matcher.group());
      if (script != null) {
        return script;
      }
    }
    return null;
  }

  private static JsonNode parse(byte[] raw) throws IOException {
    try {
      return JSON.readTree(raw);
    } catch (JsonProcessingException e) {
      return JSON.createArrayNode();
    }
  }

  private static Map<String, String> headersOf(HttpExchange exchange) {
    Map<String, String> headers = new TreeMap<>();
    exchange
        .getRequestHeaders()
        .forEach(
            (name, values) -> headers.put(name.toLowerCase(Locale.ROOT), String.join(",", values)));
    return headers;
  }

  private static void sendError(HttpExchange exchange, Reply.HttpError error) throws IOException {
    error.headers().forEach(exchange.getResponseHeaders()::set);
    send(exchange, error.status(), errorBody(error.type(), error.message()));
  }

  private static void send(HttpExchange exchange, int status, ObjectNode body) throws IOException {
    byte[] bytes = body.toString().getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("content-type", "application/json");
    exchange.getResponseHeaders().set("request-id", body.path("request_id").asText("req_none"));
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }
}
