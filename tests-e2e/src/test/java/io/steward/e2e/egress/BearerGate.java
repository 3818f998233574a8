package io.steward.e2e.egress;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/// Stands in front of a server and lets in who brings the bearer token of the moment. Whoever does
/// not reads, as from a careless server, what he sent.
final class BearerGate implements AutoCloseable {
  private static final List<String> PASSED =
      List.of("accept", "content-type", "last-event-id", "mcp-protocol-version", "mcp-session-id");
  private static final List<String> RETURNED = List.of("content-type", "mcp-session-id");

  private final HttpServer server;
  private final URI behind;
  private final Supplier<String> token;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final AtomicInteger admitted = new AtomicInteger();

  private BearerGate(HttpServer server, URI behind, Supplier<String> token) {
    this.server = server;
    this.behind = behind;
    this.token = token;
  }

  /// @param behind the whole URL of the server
  static BearerGate start(String behind, Supplier<String> token) throws IOException {
    BearerGate gate =
        new BearerGate(
            HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 64),
            URI.create(behind),
            token);
    gate.server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    gate.server.createContext("/", gate::serve);
    gate.server.start();
    return gate;
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + behind.getPath();
  }

  /// Requests that were let in.
  int admitted() {
    return admitted.get();
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      String sent = exchange.getRequestHeaders().getFirst("authorization");
      if (!("Bearer " + token.get()).equals(sent)) {
        byte[] refusal = ("not you, " + sent).getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(401, refusal.length);
        exchange.getResponseBody().write(refusal);
        return;
      }
      admitted.incrementAndGet();
      pass(exchange, body);
    }
  }

  private void pass(HttpExchange exchange, byte[] body) throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(behind)
            .method(exchange.getRequestMethod(), HttpRequest.BodyPublishers.ofByteArray(body));
    for (String name : PASSED) {
      String value = exchange.getRequestHeaders().getFirst(name);
      if (value != null) {
        request.header(name, value);
      }
    }
    HttpResponse<InputStream> response;
    try {
      response = client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
    for (String name : RETURNED) {
      response
          .headers()
          .firstValue(name)
          .ifPresent(value -> exchange.getResponseHeaders().set(name, value));
    }
    exchange.sendResponseHeaders(response.statusCode(), 0);
    try (InputStream in = response.body();
        OutputStream out = exchange.getResponseBody()) {
      byte[] piece = new byte[8192];
      for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
        out.write(piece, 0, read);
        out.flush(); // It may be an event of a stream that stays open.
      }
    }
  }

  @Override
  public void close() {
    server.stop(0);
    client.shutdownNow();
  }
}
