package io.steward.harness.stage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.steward.schemas.json.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;

/// A server that speaks the Messages API with SSE. A script belongs to a model name, so that many
/// sessions share one server.
public final class ScriptedModel implements AutoCloseable {
  private static final long PING_MS_MIN = 20;
  private static final long PING_MS_MAX = 1000;

  private final HttpServer server;
  private final Map<String, Script> scripts = new ConcurrentHashMap<>();

  /// @param nanos when a request had arrived, by the same clock as `System.nanoTime`
  public record Request(long nanos, JsonNode body) {}

  /// Replies in order, and the requests they answered.
  public static final class Script {
    private final Queue<Reply> replies = new ConcurrentLinkedQueue<>();
    private final List<Request> requests = new CopyOnWriteArrayList<>();

    public List<Request> requests() {
      return requests;
    }
  }

  private ScriptedModel(HttpServer server) {
    this.server = server;
  }

  public static ScriptedModel start() throws IOException {
    InetSocketAddress loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    ScriptedModel model = new ScriptedModel(HttpServer.create(loopback, 1024));
    model.server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    model.server.createContext("/v1/messages", model::messages);
    model.server.start();
    return model;
  }

  public String baseUrl() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /// From now on requests for the model of that name get these replies; the last one is repeated.
  public Script play(String model, Reply... replies) {
    Script script = new Script();
    script.replies.addAll(List.of(replies));
    scripts.put(model, script);
    return script;
  }

  @Override
  public void close() {
    server.stop(0);
  }

  private void messages(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] raw = exchange.getRequestBody().readAllBytes();
      long nanos = System.nanoTime();
      JsonNode body = Json.tree(raw);
      Script script = scripts.get(body.path("model").asText());
      if (script == null) {
        error(exchange, Reply.error(404, "not_found_error"));
        return;
      }
      script.requests.add(new Request(nanos, body));
      Reply reply = script.replies.size() > 1 ? script.replies.poll() : script.replies.peek();
      switch (reply) {
        case Reply.HttpError error -> error(exchange, error);
        case Reply.Message message -> stream(exchange, message);
        case Reply.StreamError(String type) -> {
          OutputStream out = begin(exchange);
          event(out, "error", errorBody(type, "no"));
          out.close();
        }
        case Reply.Cut _ -> begin(exchange);
        case null -> throw new IllegalStateException("no reply left");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void error(HttpExchange exchange, Reply.HttpError error) throws IOException {
    byte[] bytes = Json.bytes(errorBody(error.type(), error.message()));
    error.headers().forEach(exchange.getResponseHeaders()::set);
    exchange.getResponseHeaders().set("content-type", "application/json");
    exchange.sendResponseHeaders(error.status(), bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private static ObjectNode errorBody(String type, String message) {
    ObjectNode body = object("error");
    body.putObject("error").put("type", type).put("message", message);
    return body;
  }

  private static OutputStream begin(HttpExchange exchange) throws IOException {
    exchange.getResponseHeaders().set("content-type", "text/event-stream");
    exchange.sendResponseHeaders(200, 0);
    OutputStream out = exchange.getResponseBody();
    ObjectNode start = object("message_start");
    ObjectNode message = start.putObject("message");
    message.put("id", "msg_1").put("type", "message").put("role", "assistant");
    message.put("model", "m").putNull("stop_reason").putNull("stop_sequence");
    message.putArray("content");
    message
        .putObject("usage")
        .put("input_tokens", 11)
        .put("output_tokens", 1)
        .put("cache_creation_input_tokens", 5)
        .put("cache_read_input_tokens", 3);
    event(out, "message_start", start);
    return out;
  }

  private static void stream(HttpExchange exchange, Reply.Message reply)
      throws IOException, InterruptedException {
    OutputStream out = begin(exchange);
    long delay = reply.delay().toMillis();
    long pause = Math.clamp(delay / 50, PING_MS_MIN, PING_MS_MAX);
    for (long waited = 0; waited < delay; waited += pause) {
      Thread.sleep(pause);
      event(out, "ping", object("ping"));
    }
    for (int i = 0; i < reply.blocks().size(); i++) {
      block(out, i, reply.blocks().get(i));
    }
    ObjectNode delta = object("message_delta");
    ObjectNode what = delta.putObject("delta");
    what.put("stop_reason", reply.stopReason()).putNull("stop_sequence");
    if (reply.stopReason().equals("refusal")) {
      what.putObject("stop_details")
          .put("type", "refusal")
          .put("category", "cyber")
          .put("explanation", "No.");
    }
    delta.putObject("usage").put("output_tokens", 7);
    event(out, "message_delta", delta);
    event(out, "message_stop", object("message_stop"));
    out.close();
  }

  private static void block(OutputStream out, int index, JsonNode block) throws IOException {
    boolean call = block.path("type").asText().equals("tool_use");
    ObjectNode empty = block.deepCopy();
    ObjectNode part = JsonNodeFactory.instance.objectNode();
    if (call) {
      empty.putObject("input");
      part.put("type", "input_json_delta").put("partial_json", block.path("input").toString());
    } else {
      empty.put("text", "");
      part.put("type", "text_delta").put("text", block.path("text").asText());
    }
    ObjectNode start = object("content_block_start").put("index", index);
    start.set("content_block", empty);
    event(out, "content_block_start", start);
    ObjectNode delta = object("content_block_delta").put("index", index);
    delta.set("delta", part);
    event(out, "content_block_delta", delta);
    event(out, "content_block_stop", object("content_block_stop").put("index", index));
  }

  private static ObjectNode object(String type) {
    return JsonNodeFactory.instance.objectNode().put("type", type);
  }

  private static void event(OutputStream out, String name, JsonNode data) throws IOException {
    out.write(("event: " + name + "\ndata: " + data + "\n\n").getBytes(StandardCharsets.UTF_8));
    out.flush();
  }
}
