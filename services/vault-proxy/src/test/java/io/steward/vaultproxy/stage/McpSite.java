package io.steward.vaultproxy.stage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.steward.schemas.json.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// An MCP server on the loopback address, over streamable HTTP at `/mcp`. Strict about sessions and
/// headers, unless a test makes it behave in another way.
public final class McpSite implements AutoCloseable {
  private static final String VERSION = "2025-11-25";

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, Answer> answers = new ConcurrentHashMap<>();
  private final Map<String, Answer> paths = new ConcurrentHashMap<>();
  private final Set<String> sessions = ConcurrentHashMap.newKeySet();
  private final AtomicInteger sessionCount = new AtomicInteger();
  private final List<Seen> seen = new CopyOnWriteArrayList<>();
  private final List<OutputStream> listeners = new CopyOnWriteArrayList<>();
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile @Nullable String token;
  private volatile boolean events;
  private volatile int lostStatus = 404;

  /// Answers a message, in any way it likes.
  @FunctionalInterface
  public interface Answer {
    void to(HttpExchange http, JsonNode message) throws IOException, InterruptedException;
  }

  /// What came.
  ///
  /// @param rpc the method of the message; empty when there is none
  public record Seen(
      String method, String rpc, JsonNode message, Map<String, List<String>> headers) {
    public @Nullable String header(String name) {
      List<String> values = headers.get(name);
      return values == null ? null : values.getFirst();
    }
  }

  private McpSite(HttpServer server) {
    this.server = server;
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
    answer("initialize", this::initialize);
    result("tools/list", "{'tools':[" + tool("echo") + "]}");
    answer(
        "tools/call",
        (http, message) ->
            reply(
                http,
                message,
                "{'content':[{'type':'text','text':"
                    + TextNode.valueOf(message.at("/params/arguments").toString())
                    + "}]}"));
  }

  public static McpSite start() throws IOException {
    return new McpSite(HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0));
  }

  public int port() {
    return server.getAddress().getPort();
  }

  public String url() {
    return "http://127.0.0.1:" + port() + "/mcp";
  }

  /// A tool in JSON, with single quotes.
  public static String tool(String name) {
    return "{'name':'%s','description':'does %s','inputSchema':{'type':'object'}}"
        .formatted(name, name);
  }

  /// All that came, oldest first.
  public List<Seen> seen() {
    return seen;
  }

  public List<Seen> seen(String rpc) {
    return seen.stream().filter(each -> each.rpc().equals(rpc)).toList();
  }

  public int openSessions() {
    return sessions.size();
  }

  /// From now on, everybody must send this token.
  public void requireToken(String required) {
    token = required;
  }

  /// Whether answers are streams of events.
  public void useEvents(boolean use) {
    events = use;
  }

  /// Forgets all sessions, and says so with that status.
  public void forgetSessions(int status) {
    lostStatus = status;
    sessions.clear();
  }

  public void answer(String rpc, Answer answer) {
    answers.put(rpc, answer);
  }

  /// Another path than `/mcp`.
  public void path(String path, Answer answer) {
    paths.put(path, answer);
  }

  /// @param result with single quotes
  public void result(String rpc, String result) {
    answer(rpc, (http, message) -> reply(http, message, result));
  }

  /// Tells all who listen.
  ///
  /// @param message with single quotes
  public void tell(String message) throws IOException {
    for (OutputStream listener : listeners) {
      listener.write(("data: " + json(message) + "\n\n").getBytes(StandardCharsets.UTF_8));
      listener.flush();
    }
  }

  public int listeners() {
    return listeners.size();
  }

  /// Blocks until the server is closed.
  public void never() throws InterruptedException {
    closing.await();
  }

  public static void status(HttpExchange http, int status) throws IOException {
    http.sendResponseHeaders(status, -1);
  }

  public static void send(HttpExchange http, String type, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    http.getResponseHeaders().set("Content-Type", type);
    http.sendResponseHeaders(200, bytes.length);
    http.getResponseBody().write(bytes);
  }

  /// @param result with single quotes
  public void reply(HttpExchange http, JsonNode message, String result) throws IOException {
    String reply =
        "{\"jsonrpc\":\"2.0\",\"id\":%s,\"result\":%s}".formatted(message.get("id"), json(result));
    if (events) {
      send(
          http,
          "text/event-stream",
          ": hello\r\n\r\nevent: message\r\ndata: "
              + json("{'jsonrpc':'2.0','method':'notifications/progress','params':{}}")
              + "\r\n\r\nid: 7\ndata: "
              + reply
              + "\n\n");
    } else {
      send(http, "application/json; charset=utf-8", reply);
    }
  }

  public static String json(String quoted) {
    return quoted.replace('\'', '"');
  }

  private void initialize(HttpExchange http, JsonNode message) throws IOException {
    String session = "session-" + sessionCount.incrementAndGet();
    sessions.add(session);
    http.getResponseHeaders().set("Mcp-Session-Id", session);
    reply(
        http,
        message,
        "{'protocolVersion':'"
            + VERSION
            + "','capabilities':{'tools':{'listChanged':true}},"
            + "'serverInfo':{'name':'site','version':'1'}}");
  }

  private void handle(HttpExchange http) throws IOException {
    try (http) {
      byte[] body = http.getRequestBody().readAllBytes();
      JsonNode message = body.length == 0 ? MissingNode.getInstance() : Json.tree(body);
      String rpc = message.path("method").asText("");
      seen.add(
          new Seen(http.getRequestMethod(), rpc, message, Map.copyOf(http.getRequestHeaders())));
      Answer elsewhere = paths.get(http.getRequestURI().getPath());
      if (elsewhere != null) {
        elsewhere.to(http, message);
      } else if (!http.getRequestURI().getPath().equals("/mcp")) {
        status(http, 404);
      } else {
        admit(http, message, rpc);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void admit(HttpExchange http, JsonNode message, String rpc)
      throws IOException, InterruptedException {
    String required = token;
    String session = http.getRequestHeaders().getFirst("Mcp-Session-Id");
    if (required != null
        && !("Bearer " + required).equals(http.getRequestHeaders().getFirst("Authorization"))) {
      status(http, 401);
    } else if (!rpc.equals("initialize") && (session == null || !sessions.contains(session))) {
      byte[] why = "no valid session".getBytes(StandardCharsets.UTF_8);
      http.sendResponseHeaders(lostStatus, why.length);
      http.getResponseBody().write(why);
    } else if (!rpc.equals("initialize")
        && !VERSION.equals(http.getRequestHeaders().getFirst("MCP-Protocol-Version"))
        && !rpc.equals("notifications/initialized")) {
      status(http, 400);
    } else {
      answer(http, message, rpc, session);
    }
  }

  private void answer(HttpExchange http, JsonNode message, String rpc, @Nullable String session)
      throws IOException, InterruptedException {
    switch (http.getRequestMethod()) {
      case "GET" -> listen(http);
      case "DELETE" -> {
        sessions.remove(String.valueOf(session));
        status(http, 200);
      }
      default -> {
        Answer answer = answers.get(rpc);
        if (answer != null) {
          answer.to(http, message);
        } else {
          status(http, 202);
        }
      }
    }
  }

  private void listen(HttpExchange http) throws IOException, InterruptedException {
    http.getResponseHeaders().set("Content-Type", "text/event-stream");
    http.sendResponseHeaders(200, 0);
    http.getResponseBody().flush();
    listeners.add(http.getResponseBody());
    closing.await();
  }

  @Override
  public void close() {
    closing.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
