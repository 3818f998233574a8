package io.steward.e2e.egress;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// An MCP server over streamable HTTP that rejects what the protocol forbids. It has the tools
/// `search`, `create.issue`, `slow` and, once [#grow()] was called, `close`.
public final class TrackerServer implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String SESSION = "Mcp-Session-Id";
  private static final long SLOW_SECONDS_MAX = 120;

  private final HttpServer server;
  private final Set<String> sessions = ConcurrentHashMap.newKeySet();
  private final List<String> called = Collections.synchronizedList(new ArrayList<>());
  private final List<String> faults = Collections.synchronizedList(new ArrayList<>());
  private final CountDownLatch slowGoesOn = new CountDownLatch(1);
  private volatile @Nullable String token;
  private volatile boolean grown;

  private TrackerServer(HttpServer server) {
    this.server = server;
  }

  /// @param address of the loopback network
  static TrackerServer start(String address, int port) throws IOException {
    TrackerServer tracker =
        new TrackerServer(HttpServer.create(new InetSocketAddress(address, port), 64));
    tracker.server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    tracker.server.createContext("/mcp", tracker::serve);
    tracker.server.start();
    return tracker;
  }

  public static TrackerServer start() throws IOException {
    return start("127.0.0.1", 0);
  }

  public String url() {
    return "http://"
        + server.getAddress().getAddress().getHostAddress()
        + ":"
        + server.getAddress().getPort()
        + "/mcp";
  }

  /// From now on only this bearer token is let in; null lets everybody in.
  void requireToken(@Nullable String required) {
    token = required;
  }

  /// One tool more, of which connected clients are not told until their next call.
  void grow() {
    grown = true;
  }

  /// Calls of `slow` are answered from now on.
  void goOn() {
    slowGoesOn.countDown();
  }

  /// Names and arguments of the calls so far, in order.
  public List<String> called() {
    return List.copyOf(called);
  }

  /// What clients did wrong.
  public List<String> faults() {
    return List.copyOf(faults);
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      String authorization = exchange.getRequestHeaders().getFirst("Authorization");
      String required = token;
      if (required != null && !("Bearer " + required).equals(authorization)) {
        // As a careless server would, it repeats what it was sent.
        answer(exchange, 401, "application/json", "{\"error\":\"not " + authorization + "\"}");
        return;
      }
      switch (exchange.getRequestMethod()) {
        case "POST" -> post(exchange, JSON.readTree(body));
        case "DELETE" -> {
          sessions.remove(String.valueOf(exchange.getRequestHeaders().getFirst(SESSION)));
          answer(exchange, 200, "text/plain", "");
        }
        default -> answer(exchange, 405, "text/plain", "no stream here");
      }
    }
  }

  private void post(HttpExchange exchange, JsonNode message) throws IOException {
    String accept = String.valueOf(exchange.getRequestHeaders().getFirst("Accept"));
    if (!accept.contains("application/json") || !accept.contains("text/event-stream")) {
      refuse(exchange, "Accept is " + accept);
      return;
    }
    String method = message.path("method").asText();
    if (method.equals("initialize")) {
      String id = UUID.randomUUID().toString();
      sessions.add(id);
      exchange.getResponseHeaders().add(SESSION, id);
      ObjectNode result = JSON.createObjectNode();
      result.set("protocolVersion", message.at("/params/protocolVersion"));
      result.putObject("capabilities").putObject("tools").put("listChanged", true);
      result.putObject("serverInfo").put("name", "tracker").put("version", "1");
      result(exchange, message, result);
      return;
    }
    if (!sessions.contains(String.valueOf(exchange.getRequestHeaders().getFirst(SESSION)))) {
      answer(exchange, 404, "text/plain", "no such session");
      return;
    }
    switch (method) {
      case "tools/list" -> result(exchange, message, tools());
      case "tools/call" -> call(exchange, message);
      case "ping" -> result(exchange, message, JSON.createObjectNode());
      default -> {
        if (message.has("id")) {
          refuse(exchange, "unknown method " + method);
        } else {
          answer(exchange, 202, "text/plain", "");
        }
      }
    }
  }

  private ObjectNode tools() {
    ObjectNode result = JSON.createObjectNode();
    List<String> names = new ArrayList<>(List.of("search", "create.issue", "slow"));
    if (grown) {
      names.add("close");
    }
    for (String name : names) {
      ObjectNode tool = result.withArray("tools").addObject();
      tool.put("name", name).put("description", "Does " + name);
      ObjectNode schema = tool.putObject("inputSchema").put("type", "object");
      schema.putObject("properties").putObject("about").put("type", "string");
    }
    return result;
  }

  private void call(HttpExchange exchange, JsonNode message) throws IOException {
    String name = message.at("/params/name").asText();
    String about = message.at("/params/arguments/about").asText();
    called.add(name + " " + about);
    if (name.equals("slow")) {
      try {
        slowGoesOn.await(SLOW_SECONDS_MAX, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    ObjectNode result = JSON.createObjectNode();
    result
        .putArray("content")
        .addObject()
        .put("type", "text")
        .put("text", name + " found " + about + " for " + token);
    if (name.equals("create.issue") && about.isEmpty()) {
      result.put("isError", true);
    }
    stream(exchange, message, result);
  }

  /// As an event stream, with a notification before the answer when the tools have changed.
  private void stream(HttpExchange exchange, JsonNode message, ObjectNode result)
      throws IOException {
    StringBuilder events = new StringBuilder();
    if (grown) {
      events.append(
          "event: message\ndata:"
              + " {\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/list_changed\"}\n\n");
    }
    events.append("event: message\ndata: ").append(response(message, result)).append("\n\n");
    answer(exchange, 200, "text/event-stream", events.toString());
  }

  private void result(HttpExchange exchange, JsonNode message, ObjectNode result)
      throws IOException {
    answer(exchange, 200, "application/json", response(message, result));
  }

  private static String response(JsonNode message, ObjectNode result)
      throws JsonProcessingException {
    ObjectNode response = JSON.createObjectNode().put("jsonrpc", "2.0");
    response.set("id", message.path("id"));
    response.set("result", result);
    return JSON.writeValueAsString(response);
  }

  private void refuse(HttpExchange exchange, String fault) throws IOException {
    faults.add(fault);
    answer(exchange, 400, "text/plain", fault);
  }

  private static void answer(HttpExchange exchange, int status, String type, String text)
      throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().add("Content-Type", type);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    try (OutputStream body = exchange.getResponseBody()) {
      body.write(bytes);
    }
  }

  @Override
  public void close() {
    goOn();
    server.stop(0);
  }
}
