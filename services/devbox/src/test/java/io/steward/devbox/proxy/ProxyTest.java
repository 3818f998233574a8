package io.steward.devbox.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.devbox.program.Service;
import io.steward.devbox.settings.Secret;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The proxy in front of one real server that plays every service but vault-proxy, which is down.
/// The client is a plain socket, so that a test sees what is on the wire, and when.
@Timeout(90)
class ProxyTest {
  private final Vertx vertx = Vertx.vertx();
  private final AtomicBoolean storesUp = new AtomicBoolean(true);
  private volatile Consumer<HttpServerRequest> behaviour =
      request -> {
        var _ = request.response().end("hello");
      };
  private int port;

  @BeforeEach
  void start() throws Exception {
    HttpServer server =
        await(
            vertx
                .createHttpServer()
                .requestHandler(request -> behaviour.accept(request))
                .listen(0, "127.0.0.1"));
    Map<Service, Upstreams.Port> ports = new EnumMap<>(Service.class);
    for (Service service : Service.values()) {
      ports.put(service, new Upstreams.Port(server.actualPort()));
    }
    ports.put(Service.VAULT_PROXY, new Upstreams.Port(freePort()));
    var upstreams = new Upstreams(ports);
    port = freePort();
    var readiness = new Readiness(vertx, upstreams, Map.of("kafka", storesUp::get));
    await(new Proxy(vertx, upstreams, readiness, new Secret("key")).listen(port));
  }

  @AfterEach
  void stop() throws Exception {
    await(vertx.close());
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private Socket send(String request) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(40_000);
    OutputStream out = socket.getOutputStream();
    out.write(request.getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
    return socket;
  }

  /// Reads until `end` was read, or the connection is closed.
  private static String readUntil(Socket socket, String end) throws IOException {
    InputStream in = socket.getInputStream();
    StringBuilder text = new StringBuilder();
    int next = in.read();
    while (next >= 0) {
      text.append((char) next);
      if (text.toString().endsWith(end)) {
        return text.toString();
      }
      next = in.read();
    }
    return text.toString();
  }

  private String exchange(String head) throws IOException {
    try (Socket socket = send(head + "\r\nConnection: close\r\n\r\n")) {
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static String get(String path) {
    return "GET " + path + " HTTP/1.1\r\nHost: x";
  }

  @Test
  void a_request_and_its_response_go_through() throws Exception {
    var seen = new CompletableFuture<HttpServerRequest>();
    behaviour =
        request -> {
          seen.complete(request);
          var _ =
              request.response().setStatusCode(201).putHeader("request-id", "req_1").end("made");
        };
    String response =
        exchange(
            get("/v1/agents?limit=2&page=a%2Fb")
                + "\r\nx-api-key: k\r\nx-steward-request-id: forged\r\nTE: trailers\r\nX-Hop: 1\r\nConnection: X-Hop");
    assertTrue(response.startsWith("HTTP/1.1 201 "), response);
    assertTrue(response.contains("request-id: req_1") && response.endsWith("made"), response);
    HttpServerRequest request = seen.get();
    assertEquals("/v1/agents?limit=2&page=a%2Fb", request.uri());
    assertEquals("k", request.getHeader("x-api-key"));
    assertNull(request.getHeader("te"));
    assertNull(request.getHeader("x-hop"));
    assertTrue(request.headers().getAll("x-steward-request-id").size() == 1);
    assertTrue(request.headers().getAll("x-steward-request-id").getFirst().startsWith("req_01"));
  }

  @Test
  void a_body_goes_through_whole() throws Exception {
    behaviour = request -> request.body().onSuccess(b -> request.response().end("" + b.length()));
    String body = "x".repeat(300_000);
    String response =
        exchange(
            "POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 300000\r\nConnection: close\r\n\r\n"
                + body);
    assertTrue(
        response.endsWith("300000"), response.substring(0, Math.min(300, response.length())));
  }

  @Test
  void an_upload_may_be_larger_than_any_other_body_and_is_not_kept() throws Exception {
    int bytes = 40 * 1024 * 1024;
    var received = new AtomicLong();
    var upload = new CompletableFuture<HttpServerRequest>();
    behaviour =
        request -> {
          request.pause();
          request.handler(part -> received.addAndGet(part.length()));
          request.endHandler(_ -> request.response().end("whole"));
          upload.complete(request);
        };
    try (Socket socket =
        send("POST /v1/files HTTP/1.1\r\nHost: x\r\nContent-Length: " + bytes + "\r\n\r\n")) {
      Thread writing = Thread.ofVirtual().start(() -> write(socket, bytes));
      HttpServerRequest held = upload.get(10, TimeUnit.SECONDS);
      // The service takes nothing, so the client has to wait when the buffers between them are
      // full.
      assertFalse(writing.join(Duration.ofMillis(500)));

      held.resume();

      assertTrue(readUntil(socket, "whole").startsWith("HTTP/1.1 200 "));
      assertEquals(bytes, received.get());
    }
  }

  private static void write(Socket socket, int bytes) {
    try {
      socket.getOutputStream().write(new byte[bytes]);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void the_headers_of_a_stream_come_before_its_first_byte_and_each_frame_at_once()
      throws Exception {
    var stream = new CompletableFuture<HttpServerRequest>();
    behaviour =
        request -> {
          request.response().putHeader("content-type", "text/event-stream").setChunked(true);
          request.response().write(io.vertx.core.buffer.Buffer.buffer());
          stream.complete(request);
        };
    try (Socket socket = send(get("/v1/sessions/s/events/stream") + "\r\n\r\n")) {
      assertTrue(readUntil(socket, "\r\n\r\n").contains("text/event-stream"));
      var _ = stream.get().response().write("event: ping\n\n");
      assertTrue(readUntil(socket, "\n\n").contains("event: ping"));
      var _ = stream.get().response().write("event: two\n\n");
      assertTrue(readUntil(socket, "\n\n").contains("event: two"));
    }
  }

  @Test
  void a_client_that_goes_away_ends_the_request_upstream() throws Exception {
    var closed = new CompletableFuture<@Nullable Void>();
    behaviour =
        request -> {
          request.response().setChunked(true).write("first");
          request.connection().closeHandler(_ -> closed.complete(null));
        };
    try (Socket socket = send(get("/v1/sessions/s/events/stream") + "\r\n\r\n")) {
      String _ = readUntil(socket, "first");
    }
    closed.get(5, TimeUnit.SECONDS);
  }

  @Test
  void a_response_that_is_cut_upstream_is_cut_here() throws Exception {
    behaviour =
        request ->
            request
                .response()
                .setChunked(true)
                .write("half")
                .onSuccess(_ -> request.connection().close());
    String response = exchange(get("/v1/sessions/s/events/stream"));
    assertTrue(response.contains("half"), response);
    assertFalse(response.endsWith("0\r\n\r\n"), response);
  }

  @Test
  void a_service_that_is_down_is_a_503_that_says_when_to_come_back() throws Exception {
    String response = exchange(get("/v1/vaults"));
    assertTrue(response.startsWith("HTTP/1.1 503 "), response);
    assertTrue(response.contains("retry-after: 1"), response);
    assertTrue(response.contains("\"type\":\"api_error\""), response);
  }

  @Test
  void a_service_that_breaks_off_is_asked_again_only_when_that_is_safe() throws Exception {
    var requests = new java.util.concurrent.atomic.AtomicInteger();
    behaviour =
        request -> {
          if (requests.incrementAndGet() % 2 == 1) {
            var _ = request.connection().close();
          } else {
            var _ = request.response().end("second");
          }
        };
    assertTrue(exchange(get("/v1/agents")).endsWith("second"));
    requests.set(0);
    String posted = exchange("POST /v1/agents/a/archive HTTP/1.1\r\nHost: x\r\nContent-Length: 0");
    assertTrue(posted.startsWith("HTTP/1.1 503 "), posted);
    assertEquals(1, requests.get());
  }

  @Test
  void a_body_over_the_limit_is_refused_before_it_is_sent() throws Exception {
    behaviour =
        _ -> {
          throw new AssertionError("the service was asked");
        };
    try (Socket socket =
        send("POST /v1/agents HTTP/1.1\r\nHost: x\r\nContent-Length: 33554433\r\n\r\n")) {
      String response = readUntil(socket, "bytes.\"}");
      assertTrue(response.startsWith("HTTP/1.1 413 "), response);
      assertTrue(response.contains("request_too_large"), response);
    }
  }

  @Test
  void a_body_without_a_length_is_counted_and_refused_at_the_limit() throws Exception {
    behaviour = request -> request.handler(_ -> {});
    String chunk = "100000\r\n" + "x".repeat(1 << 20) + "\r\n";
    try (Socket socket =
        send("POST /v1/sessions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")) {
      for (int i = 0; i < 33; i++) {
        socket.getOutputStream().write(chunk.getBytes(StandardCharsets.US_ASCII));
      }
      socket.getOutputStream().flush();
      assertTrue(readUntil(socket, "\r\n").startsWith("HTTP/1.1 413 "));
    }
  }

  @Test
  void a_client_that_waits_for_a_go_ahead_gets_it() throws Exception {
    behaviour = request -> request.body().onSuccess(b -> request.response().end(b));
    try (Socket socket =
        send(
            "POST /v1/sessions HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n")) {
      assertTrue(readUntil(socket, "\r\n\r\n").startsWith("HTTP/1.1 100 "));
      socket.getOutputStream().write("body".getBytes(StandardCharsets.US_ASCII));
      assertTrue(readUntil(socket, "body").startsWith("HTTP/1.1 200 "));
    }
  }

  @Test
  void an_unknown_path_is_a_404_for_those_who_have_the_key() throws Exception {
    assertTrue(exchange(get("/v1/nothing")).startsWith("HTTP/1.1 401 "));
    String response = exchange(get("/v1/nothing") + "\r\nAuthorization: Bearer key");
    assertTrue(response.startsWith("HTTP/1.1 404 "), response);
    assertTrue(response.contains("not_found_error") && response.contains("\"request_id\":\"req_"));
  }

  @Test
  void what_is_not_http_is_a_400() throws Exception {
    try (Socket socket = send("GET / HTP\r\n\r\n")) {
      String response = readUntil(socket, "\r\n");
      assertTrue(response.matches("(?s)HTTP/1.[01] 400 .*"), response);
    }
  }

  @Test
  void readiness_names_the_part_that_is_missing() throws Exception {
    String response = exchange(get("/q/health/ready"));
    assertTrue(response.startsWith("HTTP/1.1 503 "), response);
    assertTrue(response.contains("{\"name\":\"vault-proxy\",\"status\":\"DOWN\"}"), response);
    assertTrue(response.contains("{\"name\":\"session-log\",\"status\":\"UP\"}"), response);
  }

  @Test
  void two_thousand_open_streams_leave_room_for_a_request() throws Exception {
    behaviour =
        request -> {
          if (request.uri().endsWith("stream")) {
            request.response().setChunked(true).write("open");
          } else {
            var _ = request.response().end("answer");
          }
        };
    int streams = 2_000;
    var sockets = new java.util.ArrayList<Socket>(streams);
    try {
      for (int i = 0; i < streams; i++) {
        sockets.add(send(get("/v1/sessions/s/events/stream") + "\r\n\r\n"));
      }
      for (Socket socket : sockets) {
        assertEquals("HTTP/1.1 200 OK\r\n", readUntil(socket, "\r\n"));
        assertTrue(readUntil(socket, "open").endsWith("open"));
      }
      assertTrue(exchange(get("/v1/sessions")).endsWith("answer"));
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }
}
