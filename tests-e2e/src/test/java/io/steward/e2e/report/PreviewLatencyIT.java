package io.steward.e2e.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.e2e.model.Reply;
import io.steward.e2e.model.Script;
import io.steward.e2e.stage.OpenSession;
import io.steward.e2e.stage.Stage;
import io.steward.e2e.stage.StageExtension;
import io.steward.e2e.stage.Steward;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// How long it takes from a chunk of the model to the client's socket.
///
/// Method: one session whose stream has previews on, read from a bare socket. The model says 400
/// pieces, one every 10 ms, twice; the first reply warms up. Client and model share this process
/// and its clock. Times are reported, not asserted; counts are asserted.
@ExtendWith(StageExtension.class)
class PreviewLatencyIT {
  private static final int PIECES = 400;
  private static final int PREVIEWED_MIN = PIECES / 2;
  private static final Duration PERIOD = Duration.ofMillis(10);
  private static final Pattern PIECE = Pattern.compile("[wm]\\d{4};");
  private static final Duration LONG = Duration.ofMinutes(1);

  private final Stage stage;

  PreviewLatencyIT(Stage stage) {
    this.stage = stage;
  }

  @Test
  void the_way_of_a_chunk_from_the_model_to_the_client_is_reported() throws Exception {
    Script script =
        Script.of(Reply.text(pieces('w')).pausing(PERIOD), Reply.text(pieces('m')).pausing(PERIOD));
    try (OpenSession session = stage.plainSession(script);
        Reader reader = Reader.open(stage.steward(), session.id())) {
      session.send("Warm up");
      session.awaitIdle(LONG);
      Latencies latencies =
          Latencies.of(() -> {
            session.send("Measure");
            session.awaitIdle(LONG);
            reader.awaitEnd();
            return latencies(script, reader);
          });
      int previewed = latencies.millis().length;
      assertTrue(previewed >= PREVIEWED_MIN, previewed + " pieces were previewed");
      assertEquals(2, session.listed("agent.message").size());
      report(latencies);
    }
  }

  private static long[] latencies(Script script, Reader reader) {
    return Arrays.stream(pieces('m'))
        .filter(reader.previewedAtNanos::containsKey)
        .mapToLong(
            piece -> reader.previewedAtNanos.getOrDefault(piece, 0L) - script.pieceAtNanos(piece))
        .toArray();
  }

  private static String[] pieces(char first) {
    return IntStream.range(0, PIECES)
        .mapToObj(i -> "%c%04d;".formatted(first, i))
        .toArray(String[]::new);
  }

  private static void report(Latencies latencies) throws IOException {
    Latencies.report(
        "preview-latency.md",
        """
        # Latency of a preview

        From just before the scripted model writes a chunk until a client has read its delta from
        the socket: %d of %d chunks, one every %d ms, on %d cores.

        %s\
        """
            .formatted(
                latencies.millis().length,
                PIECES,
                PERIOD.toMillis(),
                Runtime.getRuntime().availableProcessors(),
                latencies.table("chunk to socket", 5.0)));
  }

  /// Reads a stream from a socket and notes when each piece came, before it is part of a message.
  private static final class Reader implements AutoCloseable {
    private final Map<String, Long> previewedAtNanos = new ConcurrentHashMap<>();
    private final Socket socket;
    private final Thread thread;

    private Reader(Socket socket) {
      this.socket = socket;
      this.thread = Thread.ofPlatform().name("previews").start(this::read);
    }

    static Reader open(Steward steward, String session) throws IOException {
      Socket socket =
          new Socket(InetAddress.getLoopbackAddress(), URI.create(steward.baseUrl()).getPort());
      socket.setTcpNoDelay(true);
      socket.setSoTimeout((int) LONG.toMillis());
      socket
          .getOutputStream()
          .write(
              """
              GET /v1/sessions/%s/events/stream?event_deltas%%5B%%5D=agent.message HTTP/1.1\r
              host: localhost\r
              x-api-key: %s\r
              anthropic-beta: managed-agents-2026-04-01\r
              \r
              """
                  .formatted(session, Steward.API_KEY)
                  .getBytes(StandardCharsets.US_ASCII));
      return new Reader(socket);
    }

    /// Waits until the second turn has been read to its end.
    void awaitEnd() throws InterruptedException {
      thread.join(LONG);
    }

    private void read() {
      byte[] buffer = new byte[65_536];
      String tail = "";
      int idles = 0;
      try (InputStream in = socket.getInputStream()) {
        for (int count = in.read(buffer); count >= 0 && idles < 2; count = in.read(buffer)) {
          long now = System.nanoTime();
          String text = tail + new String(buffer, 0, count, StandardCharsets.ISO_8859_1);
          int whole = text.lastIndexOf("\n\n") + 1;
          for (String frame : text.substring(0, whole).split("\n\n")) {
            idles += frame.contains("event: session.status_idle") ? 1 : 0;
            if (frame.contains("event: event_delta")) {
              note(frame, now);
            }
          }
          tail = text.substring(whole);
          if (idles == 2) {
            return;
          }
        }
      } catch (IOException e) {
        // Closed, by either side: what was noted by then counts.
      }
    }

    private void note(String frame, long now) {
      Matcher piece = PIECE.matcher(frame);
      while (piece.find()) {
        previewedAtNanos.putIfAbsent(piece.group(), now);
      }
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
