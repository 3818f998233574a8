package io.steward.e2e.stage;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// An event stream byte by byte, as no client library shows it.
public final class RawStream implements AutoCloseable {
  /// One frame: its bytes as text, up to and including the blank line.
  public record Frame(String raw) {
    /// The value of the `event:` line.
    public String event() {
      return raw.lines()
          .filter(line -> line.startsWith("event: "))
          .findFirst()
          .orElse("")
          .replace("event: ", "");
    }

    /// The JSON of the `data:` line.
    public JsonNode data() {
      return Api.json(
          raw.lines()
              .filter(line -> line.startsWith("data: "))
              .findFirst()
              .orElse("data: null")
              .substring("data: ".length()));
    }
  }

  private static final Frame END = new Frame("");

  private final HttpResponse<InputStream> response;
  private final LinkedBlockingQueue<Frame> frames = new LinkedBlockingQueue<>();

  private RawStream(HttpResponse<InputStream> response) {
    this.response = response;
  }

  /// Opens the stream; returns when its headers have arrived.
  public static RawStream open(Api api, String path) throws Exception {
    HttpResponse<InputStream> response = api.open(path);
    if (response.statusCode() != 200) {
      throw new AssertionError(path + " answered " + response.statusCode());
    }
    RawStream stream = new RawStream(response);
    Thread.ofVirtual().start(stream::read);
    return stream;
  }

  public HttpHeaders headers() {
    return response.headers();
  }

  /// The next frame, whatever it is.
  public Frame next(Duration deadline) throws InterruptedException {
    Frame frame = frames.poll(deadline.toNanos(), TimeUnit.NANOSECONDS);
    if (frame == null || frame == END) {
      throw new AssertionError("no frame within " + deadline);
    }
    return frame;
  }

  @Override
  public void close() {
    try {
      response.body().close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void read() {
    StringBuilder frame = new StringBuilder();
    StringBuilder line = new StringBuilder();
    try (java.io.Reader reader =
        new java.io.InputStreamReader(response.body(), StandardCharsets.UTF_8)) {
      for (int c = reader.read(); c >= 0; c = reader.read()) {
        frame.append((char) c);
        if (c != '\n') {
          line.append((char) c);
        } else if (line.isEmpty()) {
          frames.add(new Frame(frame.toString()));
          frame.setLength(0);
        } else {
          line.setLength(0);
        }
      }
    } catch (IOException e) {
      // Closed, by either side: the queue says so.
    } finally {
      frames.add(END);
    }
  }
}
