package io.steward.sessionlog.stream;

import static io.steward.sessionlog.Samples.ID;
import static io.steward.sessionlog.Samples.T0;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.event.ContentBlock;
import io.steward.schemas.event.SessionEvent;
import io.steward.sessionlog.http.Caller;
import io.steward.sessionlog.http.OpenStream;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Streams over real connections whose readers read, or do not.
@Timeout(60)
class SubscriberTest {
  private static final int PENDING_BYTES_MAX = 1024 * 1024;
  private static final int EVENT_BYTES = 64 * 1024;

  /// More than the buffers of two sockets take.
  private static final int EVENTS = 256;

  private static final Pattern ID_LINE = Pattern.compile("\nid: log\\.0\\.(\\d+\\.\\d+)\n");
  private static final StreamPosition BEGIN = new StreamPosition("log", 0, 0, 0);

  private final Vertx vertx = Vertx.vertx();
  private final BlockingQueue<Subscriber> opened = new LinkedBlockingQueue<>();
  private final BlockingQueue<Subscriber> closed = new LinkedBlockingQueue<>();
  private final AtomicInteger dropped = new AtomicInteger();
  private final CountDownLatch gone = new CountDownLatch(1);
  private volatile long pendingBytesMax = PENDING_BYTES_MAX;
  private volatile boolean live = true;
  private volatile Backlog backlog = new Backlog(Long.MAX_VALUE);
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
  void a_reader_that_does_not_read_is_dropped_and_nothing_of_it_is_kept() throws Exception {
    try (Socket lazy = connect();
        Socket eager = connect()) {
      Subscriber slow = open(lazy);
      Subscriber quick = open(eager);
      Thread reading = Thread.ofVirtual().start(() -> readFrames(eager, EVENTS));

      for (int i = 0; i < EVENTS; i++) {
        slow.take(i, frame(i));
        quick.take(i, frame(i));
        awaitTaken(quick);
      }

      reading.join();
      while (quick.pendingBytes() > 0) {
        Thread.onSpinWait();
      }
      assertEquals(slow, closed.poll(10, TimeUnit.SECONDS));
      assertEquals(1, dropped.get());
      assertEquals(0, backlog.bytes());
      assertTrue(gone.await(10, TimeUnit.SECONDS), "its connection stays, with what it holds");
    }
  }

  @Test
  void a_server_that_leaves_does_not_wait_for_a_reader_that_does_not_read() throws Exception {
    pendingBytesMax = Long.MAX_VALUE;
    try (Socket lazy = connect()) {
      Subscriber slow = open(lazy);
      for (int i = 0; i < EVENTS; i++) {
        slow.take(i, frame(i));
      }

      slow.leave();

      assertTrue(gone.await(10, TimeUnit.SECONDS), "its connection stays");
    }
  }

  @Test
  void when_all_readers_lag_too_far_together_those_who_lag_are_dropped() throws Exception {
    backlog = new Backlog(EVENT_BYTES * 4);
    try (Socket lazy = connect()) {
      Subscriber slow = open(lazy);
      backlog.add(EVENT_BYTES * 8); // Of others.

      for (int i = 0; i < EVENTS && closed.isEmpty(); i++) {
        slow.take(i, frame(i));
      }

      assertEquals(slow, closed.poll(10, TimeUnit.SECONDS));
      assertEquals(EVENT_BYTES * 8, backlog.bytes());
    }
  }

  @Test
  void a_stream_that_is_ended_is_a_complete_response() throws Exception {
    try (Socket socket = connect()) {
      Subscriber subscriber = open(socket);
      subscriber.take(0, frame(0));
      subscriber.end();

      String rest = untilLastChunk(socket.getInputStream());

      assertTrue(rest.contains("event: user.message"), "the event is missing");
      assertTrue(rest.endsWith("\r\n0\r\n\r\n"), "the body is cut");
      assertEquals(0, backlog.bytes());
    }
  }

  @Test
  void what_comes_while_a_stream_is_resumed_is_shown_behind_what_was_missed() throws Exception {
    live = false;
    try (Socket socket = connect()) {
      Subscriber subscriber = open(socket);
      subscriber.take(2, frame(2));
      subscriber.replay(frame(0));
      assertTrue(subscriber.awaitTaken());
      subscriber.take(3, frame(3));
      subscriber.replay(frame(1));
      subscriber.goLive();
      subscriber.take(4, frame(4));
      subscriber.end();

      String text = untilLastChunk(socket.getInputStream());

      assertEquals(
          List.of("0.0", "0.1", "1.1", "2.1", "3.1", "4.1"),
          ID_LINE.matcher(text).results().map(found -> found.group(1)).toList());
      assertEquals(0, backlog.bytes());
    }
  }

  @Test
  void a_reader_that_does_not_take_what_it_missed_is_not_given_more() throws Exception {
    live = false;
    pendingBytesMax = EVENT_BYTES * 4;
    try (Socket lazy = connect()) {
      Subscriber slow = open(lazy);
      for (int i = 0; i < EVENTS; i++) {
        slow.replay(frame(i));
      }
      Thread waiting = Thread.ofVirtual().start(() -> awaitReplayed(slow));

      slow.take(EVENTS, frame(EVENTS));

      waiting.join();
      assertEquals(slow, closed.poll(10, TimeUnit.SECONDS));
      assertEquals(0, backlog.bytes());
    }
  }

  private static void awaitReplayed(Subscriber subscriber) {
    try {
      assertFalse(subscriber.awaitTaken());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void serve(HttpServerRequest request) {
    Subscriber subscriber =
        new Subscriber(
            ID,
            Caller.CLIENT,
            new PreviewGate(Set.of()),
            pendingBytesMax,
            backlog,
            closed::add,
            dropped::incrementAndGet);
    var _ = request.connection().closeHandler(_ -> gone.countDown());
    subscriber.open(new OpenStream(request, vertx.getOrCreateContext()), BEGIN, BEGIN.offset());
    if (live) {
      subscriber.goLive();
    }
    opened.add(subscriber);
  }

  private Subscriber open(Socket socket) throws Exception {
    socket
        .getOutputStream()
        .write("GET / HTTP/1.1\r\nhost: a\r\n\r\n".getBytes(StandardCharsets.UTF_8));
    Subscriber subscriber = opened.poll(10, TimeUnit.SECONDS);
    assertNotNull(subscriber);
    return subscriber;
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket("127.0.0.1", port);
    socket.setSoTimeout(20_000);
    return socket;
  }

  private static void awaitTaken(Subscriber subscriber) {
    while (subscriber.pendingBytes() > PENDING_BYTES_MAX / 2) {
      Thread.onSpinWait();
    }
  }

  private static Frame frame(int number) {
    return Frame.of(
        new SessionEvent.UserMessage(
            "sevt_" + number, List.of(new ContentBlock.Text("x".repeat(EVENT_BYTES))), T0),
        T0,
        BEGIN.atRecord(number).behind(1));
  }

  private static void readFrames(Socket socket, int count) {
    try {
      int found = 0;
      String tail = "";
      byte[] chunk = new byte[64 * 1024];
      InputStream in = socket.getInputStream();
      while (found < count) {
        int read = in.read(chunk);
        if (read < 0) {
          throw new IOException("the stream ended after " + found);
        }
        String text = tail + new String(chunk, 0, read, StandardCharsets.UTF_8);
        int at = text.indexOf("event: ");
        while (at >= 0) {
          found++;
          at = text.indexOf("event: ", at + 1);
        }
        tail = text.substring(Math.max(0, text.length() - "event:".length()));
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static String untilLastChunk(InputStream in) throws IOException {
    StringBuilder text = new StringBuilder();
    byte[] chunk = new byte[64 * 1024];
    while (text.indexOf("\r\n0\r\n\r\n") < 0) {
      int read = in.read(chunk);
      if (read < 0) {
        break;
      }
      text.append(new String(chunk, 0, read, StandardCharsets.UTF_8));
    }
    return text.toString();
  }
}
