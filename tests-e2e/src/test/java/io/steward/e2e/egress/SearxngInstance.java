package io.steward.e2e.egress;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/// Answers as a SearXNG instance does whose JSON format is on: another path is 404, a search
/// without a query 400, another format 403. What it answers depends on a word of the query.
final class SearxngInstance implements AutoCloseable {
  private static final String RESULTS =
      """
      {"query":"q","number_of_results":0,"results":[
       {"url":"https://news.example.com/rain","title":"It rains","content":"All over the country.","engine":"one"},
       {"url":"https://example.org/blog/sun","title":"It shines","content":"","engine":"two"}],
       "answers":[],"corrections":[],"infoboxes":[],"suggestions":[],"unresponsive_engines":[]}
      """;

  private final HttpServer server;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final List<Map<String, String>> searches =
      Collections.synchronizedList(new ArrayList<>());

  private SearxngInstance(HttpServer server) {
    this.server = server;
  }

  static SearxngInstance start() throws IOException {
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 64);
    SearxngInstance instance = new SearxngInstance(server);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", instance::answer);
    server.start();
    return instance;
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/searxng/";
  }

  /// The parameters of the searches whose query has this word, in order.
  List<Map<String, String>> searches(String word) {
    return List.copyOf(searches).stream()
        .filter(search -> search.getOrDefault("q", "").contains(word))
        .toList();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      Map<String, String> parameters = parameters(exchange.getRequestURI().getRawQuery());
      String query = parameters.getOrDefault("q", "");
      int status = 200;
      if (!exchange.getRequestURI().getPath().equals("/searxng/search")) {
        status = 404;
      } else if (query.isBlank()) {
        status = 400;
      } else if (!"json".equals(parameters.get("format"))) {
        status = 403;
      } else if (query.contains("crowded")) {
        status = 429;
      }
      searches.add(parameters);
      if (query.contains("slow")) {
        closed.await();
      }
      byte[] body = (status == 200 ? RESULTS : "{}").getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().add("Content-Type", "application/json");
      exchange.sendResponseHeaders(status, body.length);
      exchange.getResponseBody().write(body);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Map<String, String> parameters(@Nullable String query) {
    Map<String, String> parameters = new TreeMap<>();
    if (query != null) {
      Arrays.stream(query.split("&", -1))
          .map(part -> part.split("=", 2))
          .filter(part -> part.length == 2)
          .forEach(
              part -> parameters.put(part[0], URLDecoder.decode(part[1], StandardCharsets.UTF_8)));
    }
    return parameters;
  }

  @Override
  public void close() {
    closed.countDown();
    server.stop(0);
  }
}
