package io.steward.e2e.egress;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.steward.e2e.stage.ServerTls;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;

/// A server that remembers what it was sent and, as a careless server would, says it again in its
/// answer. `/redirect?<url>` leads there.
final class EchoServer implements AutoCloseable {
  private final HttpServer server;
  private final String scheme;
  private final List<Received> received = Collections.synchronizedList(new ArrayList<>());

  /// @param target path and query
  /// @param headers by name in lower case; of several of one name the first
  record Received(String method, String target, Map<String, String> headers, String body) {
    String header(String name) {
      return headers.getOrDefault(name, "");
    }
  }

  private EchoServer(HttpServer server, String scheme) {
    this.server = server;
    this.scheme = scheme;
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::serve);
    server.start();
  }

  /// @param address of the loopback network
  static EchoServer http(String address) throws IOException {
    return new EchoServer(HttpServer.create(new InetSocketAddress(address, 0), 64), "http");
  }

  /// @param address of the loopback network
  static EchoServer https(String address, ServerTls tls) throws IOException {
    HttpsServer server = HttpsServer.create(new InetSocketAddress(address, 0), 64);
    server.setHttpsConfigurator(new HttpsConfigurator(tls.context()));
    return new EchoServer(server, "https");
  }

  int port() {
    return server.getAddress().getPort();
  }

  String url(String path) {
    return scheme + "://" + server.getAddress().getAddress().getHostAddress() + ":" + port() + path;
  }

  /// The requests so far, in the order they came.
  List<Received> received() {
    return List.copyOf(received);
  }

  /// The newest request for `path`.
  Received received(String path) {
    return received().reversed().stream()
        .filter(request -> request.target().equals(path))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no request for " + path + " in " + received()));
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      Map<String, String> headers = new TreeMap<>();
      exchange
          .getRequestHeaders()
          .forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), values.getFirst()));
      String target = exchange.getRequestURI().toString();
      received.add(new Received(exchange.getRequestMethod(), target, headers, body));
      if (target.startsWith("/redirect?")) {
        exchange.getResponseHeaders().set("location", exchange.getRequestURI().getQuery());
        exchange.sendResponseHeaders(302, -1);
        return;
      }
      byte[] answer = ("you sent " + headers + " and " + body).getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(200, answer.length);
      exchange.getResponseBody().write(answer);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
