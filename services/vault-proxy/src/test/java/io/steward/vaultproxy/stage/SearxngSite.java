package io.steward.vaultproxy.stage;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/// A SearXNG instance below a path, on the loopback address. It is as strict as a real one: GET
/// only, `q` is needed (400), a format that is not switched on is 403, other paths are 404.
public final class SearxngSite implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Queue<Map<String, String>> searches = new ConcurrentLinkedQueue<>();
  private final Queue<Map<String, String>> headers = new ConcurrentLinkedQueue<>();
  private volatile WebSite.Page answer;
  private volatile boolean json = true;

  private SearxngSite(HttpServer server) {
    this.server = server;
    this.answer = exchange -> write(exchange, 200, "{\"results\":[]}");
    server.setExecutor(threads);
    server.createContext("/", this::serve);
    server.start();
  }

  public static SearxngSite start() throws IOException {
    return new SearxngSite(HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0));
  }

  public int port() {
    return server.getAddress().getPort();
  }

  /// Without a slash at its end.
  public String url() {
    return "http://127.0.0.1:" + port() + "/searxng";
  }

  /// What a search that is allowed gets, from now on.
  public void answer(WebSite.Page page) {
    answer = page;
  }

  public void answer(int status, String body) {
    answer(exchange -> write(exchange, status, body));
  }

  /// As an instance is whose operator has not listed `json` in `search.formats`.
  public void withoutJson() {
    json = false;
  }

  /// Parameters of all searches, in order.
  public Queue<Map<String, String>> searches() {
    return searches;
  }

  /// Headers of all searches, by name in lower case.
  public Queue<Map<String, String>> headers() {
    return headers;
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      Map<String, String> parameters = parameters(exchange.getRequestURI().getRawQuery());
      searches.add(parameters);
      Map<String, String> sent = new TreeMap<>();
      exchange
          .getRequestHeaders()
          .forEach((name, values) ->
              sent.put(name.toLowerCase(java.util.Locale.ROOT), String.join(",", values)));
      headers.add(sent);
      int refused = refusal(exchange, parameters);
      if (refused == 0) {
        answer.answer(exchange);
      } else {
        write(exchange, refused, "<html>");
      }
    }
  }

  private int refusal(HttpExchange exchange, Map<String, String> parameters) {
    if (!exchange.getRequestURI().getPath().equals("/searxng/search")) {
      return 404;
    }
    if (!exchange.getRequestMethod().equals("GET")) {
      return 405;
    }
    if (parameters.getOrDefault("q", "").isBlank()) {
      return 400;
    }
    return json && "json".equals(parameters.get("format")) ? 0 : 403;
  }

  private static void write(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private static Map<String, String> parameters(@Nullable String query) {
    Map<String, String> parameters = new TreeMap<>();
    if (query != null) {
      for (String part : query.split("&", -1)) {
        int equals = part.indexOf('=');
        parameters.put(
            part.substring(0, equals),
            URLDecoder.decode(part.substring(equals + 1), StandardCharsets.UTF_8));
      }
    }
    return parameters;
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
