package io.steward.sessionlog.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Bodies and files over a real connection, written and read byte by byte.
@Timeout(60)
class StreamingTest {
  private static final int BODY_BYTES_MAX = 40 * 1024 * 1024;
  private static final int BIG_BYTES = 6 * 1024 * 1024;

  /// More than the buffers of two sockets take.
  private static final int HELD_BYTES = 32 * 1024 * 1024;

  private final Vertx vertx = Vertx.vertx();
  private final BlockingQueue<String> outcomes = new LinkedBlockingQueue<>();
  private final Map<String, Reply.Bytes> files = new ConcurrentHashMap<>();
  private final CountDownLatch mayRead = new CountDownLatch(1);
  private int port;

  @BeforeEach
  void start() throws Exception {
    HttpServer server = vertx.createHttpServer().requestHandler(this::serve);
    port =
        server
            .listen(0, "127.0.0.1")
            .toCompletionStage()
            .toCompletableFuture()
            .get(10, TimeUnit.SECONDS)
            .actualPort();
  }

  @AfterEach
  void stop() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  @Test
  void a_body_arrives_whole() throws Exception {
    mayRead.countDown();
    try (Socket socket = connect()) {
      send(socket, "POST /count HTTP/1.1\r\nhost: a\r\ncontent-length: " + BIG_BYTES + "\r\n\r\n");
      socket.getOutputStream().write(new byte[BIG_BYTES]);

      assertEquals("HTTP/1.1 200 OK", line(socket));
      assertEquals("" + BIG_BYTES, outcomes.poll(10, TimeUnit.SECONDS));
    }
  }

  @Test
  void nothing_is_taken_from_a_client_while_nobody_reads() throws Exception {
    try (Socket socket = connect()) {
      send(socket, "POST /count HTTP/1.1\r\nhost: a\r\ncontent-length: " + HELD_BYTES + "\r\n\r\n");
      Thread writing =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  socket.getOutputStream().write(new byte[HELD_BYTES]);
                } catch (IOException e) {
                  outcomes.add("the client could not write");
                }
              });
      // Whatever the buffers of the kernel take, the rest waits.
      assertFalse(writing.join(Duration.ofMillis(500)));

      mayRead.countDown();

      assertEquals("" + HELD_BYTES, outcomes.poll(10, TimeUnit.SECONDS));
    }
  }

  @Test
  void a_client_that_goes_away_cuts_the_body() throws Exception {
    mayRead.countDown();
    try (Socket socket = connect()) {
      send(socket, "POST /count HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000\r\n\r\nsome bytes");
    }

    assertEquals("CUT", outcomes.poll(10, TimeUnit.SECONDS));
  }

  @Test
  void a_body_above_the_limit_is_too_large_and_the_client_may_finish_it() throws Exception {
    mayRead.countDown();
    int bytes = BODY_BYTES_MAX + 1_000_000;
    try (Socket socket = connect()) {
      send(socket, "POST /count HTTP/1.1\r\nhost: a\r\ncontent-length: " + bytes + "\r\n\r\n");
      socket.getOutputStream().write(new byte[bytes]);

      assertEquals("HTTP/1.1 200 OK", line(socket));
      assertEquals("TOO_LARGE", outcomes.poll(10, TimeUnit.SECONDS));
    }
  }

  @Test
  void a_connection_is_good_for_another_request_when_a_body_was_not_read() throws Exception {
    try (Socket socket = connect()) {
      for (int i = 0; i < 2; i++) {
        send(
            socket,
            "POST /ignore HTTP/1.1\r\nhost: a\r\ncontent-length: " + BIG_BYTES + "\r\n\r\n");
        socket.getOutputStream().write(new byte[BIG_BYTES]);

        assertEquals("HTTP/1.1 200 OK", line(socket));
        assertEquals("content-length: 0", line(socket));
        assertEquals("", line(socket));
        assertEquals("ignored", outcomes.poll(10, TimeUnit.SECONDS));
      }
    }
  }

  @Test
  void a_file_arrives_whole_with_its_headers() throws Exception {
    byte[] content = new byte[BIG_BYTES];
    content[BIG_BYTES - 1] = 7;
    files.put(
        "/big",
        new Reply.Bytes("text/html", "a.html", BIG_BYTES, new ByteArrayInputStream(content)));
    try (Socket socket = connect()) {
      send(socket, "GET /big HTTP/1.1\r\nhost: a\r\n\r\n");

      assertEquals("HTTP/1.1 200 OK", line(socket));
      assertEquals("content-type: text/html", line(socket));
      assertEquals("content-length: " + BIG_BYTES, line(socket));
      assertEquals(
          "content-disposition: attachment; filename=\"a.html\"; filename*=UTF-8''a.html",
          line(socket));
      assertEquals("x-content-type-options: nosniff", line(socket));
      assertEquals("", line(socket));
      byte[] received = socket.getInputStream().readNBytes(BIG_BYTES);
      assertEquals(BIG_BYTES, received.length);
      assertEquals(7, received[BIG_BYTES - 1]);
      assertEquals("closed", outcomes.poll(10, TimeUnit.SECONDS));
    }
  }

  @Test
  void an_empty_file_is_a_file() throws Exception {
    files.put("/none", new Reply.Bytes("a/b", "a", 0, InputStream.nullInputStream()));
    try (Socket socket = connect()) {
      send(socket, "GET /none HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");

      String response = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertTrue(response.startsWith("HTTP/1.1 200 OK\r\n"), response);
      assertTrue(response.contains("content-length: 0\r\n"), response);
    }
  }

  @Test
  void reading_ends_when_the_client_goes_away() throws Exception {
    files.put("/endless", new Reply.Bytes("a/b", "a", Long.MAX_VALUE, new Endless()));
    try (Socket socket = connect()) {
      send(socket, "GET /endless HTTP/1.1\r\nhost: a\r\n\r\n");
      assertEquals("HTTP/1.1 200 OK", line(socket));
    }

    assertEquals("closed", outcomes.poll(10, TimeUnit.SECONDS));
  }

  @Test
  void a_file_that_breaks_off_does_not_look_whole() throws Exception {
    files.put("/short", new Reply.Bytes("a/b", "a", 10, new ByteArrayInputStream(new byte[3])));
    try (Socket socket = connect()) {
      send(socket, "GET /short HTTP/1.1\r\nhost: a\r\n\r\n");

      String response = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertFalse(response.contains("content-length: 3"), response);
    }
  }

  private void serve(HttpServerRequest request) {
    var context = vertx.getOrCreateContext();
    Reply.Bytes file = files.get(String.valueOf(request.path()));
    if (file != null) {
      Thread.ofVirtual()
          .start(() -> {
            new BytesWriter(request.response(), context).write(file);
            outcomes.add("closed");
          });
      return;
    }
    BodyStream body = BodyStream.open(request, context, BODY_BYTES_MAX);
    Thread.ofVirtual()
        .start(() -> {
          outcomes.add("/ignore".equals(request.path()) ? "ignored" : count(body));
          body.close();
          context.runOnContext(_ -> {
            if (!request.response().closed()) {
              var _ = request.response().end(Buffer.buffer());
            }
          });
        });
  }

  private String count(BodyStream body) {
    try {
      mayRead.await();
      return "" + body.transferTo(OutputStream.nullOutputStream());
    } catch (IOException | InterruptedException e) {
      return "" + body.failure();
    }
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket("127.0.0.1", port);
    socket.setSoTimeout(20_000);
    return socket;
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String line(Socket socket) throws IOException {
    StringBuilder line = new StringBuilder();
    int c;
    while ((c = socket.getInputStream().read()) >= 0 && c != '\n') {
      line.append(c == '\r' ? "" : String.valueOf((char) c));
    }
    return line.toString();
  }

  private static final class Endless extends InputStream {
    @Override
    public int read() {
      return 0;
    }

    @Override
    public int read(byte[] to, int offset, int length) {
      return length;
    }
  }
}
