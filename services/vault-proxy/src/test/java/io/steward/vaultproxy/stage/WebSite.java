package io.steward.vaultproxy.stage;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsServer;
import io.steward.vaultproxy.stage.GitServer.Identity;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.ExtendedSSLSession;
import org.jspecify.annotations.Nullable;

/// A site on the loopback address, with or without TLS. A path it does not know is 404.
public final class WebSite implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, Page> pages = new ConcurrentHashMap<>();
  private final List<Visit> visits = new CopyOnWriteArrayList<>();

  /// Answers a request, in any way it likes.
  @FunctionalInterface
  public interface Page {
    void answer(HttpExchange exchange) throws IOException;
  }

  /// What the site saw of a request.
  public record Visit(String path, Map<String, List<String>> headers, List<String> serverNames) {}

  private WebSite(HttpServer server) {
    this.server = server;
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  public static WebSite start() throws IOException {
    return new WebSite(HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0));
  }

  public static WebSite start(Identity identity) throws IOException, GeneralSecurityException {
    HttpsServer server = HttpsServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(GitServer.tls(identity)));
    return new WebSite(server);
  }

  public int port() {
    return server.getAddress().getPort();
  }

  public List<Visit> visits() {
    return visits;
  }

  public void page(String path, Page page) {
    pages.put(path, page);
  }

  public void page(String path, @Nullable String type, byte[] body) {
    page(
        path,
        exchange -> {
          if (type != null) {
            exchange.getResponseHeaders().set("Content-Type", type);
          }
          exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
          exchange.getResponseBody().write(body);
        });
  }

  public void page(String path, String type, String body) {
    page(path, type, body.getBytes(StandardCharsets.UTF_8));
  }

  public void redirect(String path, String location) {
    page(
        path,
        exchange -> {
          exchange.getResponseHeaders().set("Location", location);
          exchange.sendResponseHeaders(302, -1);
        });
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getRawPath();
    visits.add(new Visit(path, Map.copyOf(exchange.getRequestHeaders()), serverNames(exchange)));
    try (exchange) {
      Page page = pages.get(path);
      if (page == null) {
        exchange.sendResponseHeaders(404, -1);
      } else {
        page.answer(exchange);
      }
    }
  }

  private static List<String> serverNames(HttpExchange exchange) {
    List<String> names = new ArrayList<>();
    if (exchange instanceof HttpsExchange secure
        && secure.getSSLSession() instanceof ExtendedSSLSession session) {
      session
          .getRequestedServerNames()
          .forEach(name -> names.add(new String(name.getEncoded(), StandardCharsets.US_ASCII)));
    }
    return names;
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
