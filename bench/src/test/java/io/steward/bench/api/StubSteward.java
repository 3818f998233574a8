package io.steward.bench.api;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/// As much of Steward as a conversation sees: it passes what is sent to the model, answers tool
/// calls at once, and streams and lists what comes.
final class StubSteward implements AutoCloseable {
  private static final String TOOL_RESULT = "{\"type\":\"tool_result\"}";

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpClient http = HttpClient.newHttpClient();
  private final URI model;
  private final Map<String, OutputStream> streams = new ConcurrentHashMap<>();
  private final CountDownLatch over = new CountDownLatch(1);
  private final AtomicInteger refuse = new AtomicInteger();
  private final AtomicInteger streamed = new AtomicInteger();
  private final Map<String, String> newest = new ConcurrentHashMap<>();
  private volatile String result =
      """
      {"type":"agent.tool_result","content":[{"type":"text","text":"bench-42"}],"is_error":false}\
      """;
  private volatile String error = "";
  private volatile String stopReason = "end_turn";

  private StubSteward(HttpServer server, URI model) {
    this.server = server;
    this.model = model;
  }

  static StubSteward start(String modelUrl) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
    StubSteward stub = new StubSteward(server, URI.create(modelUrl + "/v1/messages"));
    server.setExecutor(stub.threads);
    server.createContext("/v1/sessions/", stub::answer);
    server.start();
    return stub;
  }

  String baseUrl() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /// From now on so many requests are answered with 503.
  void refuse(int requests) {
    refuse.set(requests);
  }

  /// From now on calls end like this.
  void results(String text, boolean isError) {
    result =
        """
        {"type":"agent.tool_result","content":[{"type":"text","text":"%s"}],"is_error":%b}\
        """
            .formatted(text, isError);
  }

  /// From now on turns end like this.
  void endsTurns(String reason, String message) {
    stopReason = reason;
    error = message;
  }

  /// How many streams were opened.
  int streams() {
    return streamed.get();
  }

  @Override
  public void close() {
    over.countDown();
    server.stop(0);
    threads.shutdownNow();
    http.close();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String session = exchange.getRequestURI().getPath().split("/")[3];
      String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      if (refuse.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
        exchange.sendResponseHeaders(503, -1);
      } else if (exchange.getRequestURI().getPath().endsWith("/events/stream")) {
        streamed.incrementAndGet();
        exchange.sendResponseHeaders(200, 0);
        frame(exchange.getResponseBody(), "ping", "data: {}");
        streams.put(session, exchange.getResponseBody());
        over.await();
      } else if (exchange.getRequestMethod().equals("GET")) {
        answer(exchange, "{\"data\":[" + newest.getOrDefault(session, "") + "]}");
      } else {
        newest.put(session, "{\"type\":\"user.message\"}");
        threads.execute(() -> turn(session, body));
        answer(exchange, "{}");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void answer(HttpExchange exchange, String json) throws IOException {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private void turn(String session, String body) {
    OutputStream out = streams.getOrDefault(session, OutputStream.nullOutputStream());
    try {
      String asked = body;
      boolean again = true;
      while (again) {
        again = false;
        HttpRequest request =
            HttpRequest.newBuilder(model).POST(HttpRequest.BodyPublishers.ofString(asked)).build();
        try (Stream<String> lines =
            http.send(request, HttpResponse.BodyHandlers.ofLines()).body()) {
          for (String line : lines.filter(l -> l.startsWith("data: ")).toList()) {
            again |= line.contains("\"stop_reason\":\"tool_use\"");
            if (line.contains("text_delta")) {
              frame(out, "event_delta", line);
            }
          }
        }
        if (again) {
          frame(out, "agent.tool_result", "data: " + result);
          asked += TOOL_RESULT;
        }
      }
      if (!error.isEmpty()) {
        frame(out, "session.error", "data: {\"error\":{\"message\":\"" + error + "\"}}");
      }
      String idle =
          "{\"type\":\"session.status_idle\",\"stop_reason\":{\"type\":\"%s\"}}"
              .formatted(stopReason);
      newest.put(session, idle);
      frame(out, "session.status_idle", "data: " + idle);
    } catch (IOException | InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void frame(OutputStream out, String type, String data) throws IOException {
    out.write(("event: " + type + "\n" + data + "\n\n").getBytes(StandardCharsets.UTF_8));
    out.flush();
  }
}
