package io.steward.sessionlog.http;

import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The body of a request as a stream for one thread that may wait. The client is asked for more
/// only when what came is read, so at most [#CHUNKS_MAX] chunks of 8 kB are in memory. Closing it
/// before the end throws the rest away as it comes, so that a client that writes before it reads
/// gets its answer.
public final class BodyStream extends InputStream {
  /// How many chunks may wait to be read.
  static final int CHUNKS_MAX = 32;

  /// How long a body may take from its first to its last byte.
  public static final Duration TIME_MAX = Duration.ofHours(1);

  /// How much of a body nobody wants is read before the connection is closed.
  static final long DRAINED_BYTES_MAX = 1024L * 1024 * 1024;

  /// Why a body did not come to its end.
  public enum Failure {
    TOO_LARGE,
    TOO_SLOW,
    /// The client went away, or sent what is no HTTP.
    CUT
  }

  /// What the event loop hands over.
  private sealed interface Part {
    record Chunk(Buffer bytes) implements Part {}

    record End() implements Part {}

    record Failed(Failure failure) implements Part {}
  }

  private final HttpServerRequest request;
  private final Context context;
  private final long bytesMax;
  private final long deadline = System.nanoTime() + TIME_MAX.toNanos();
  private final BlockingQueue<Part> parts = new ArrayBlockingQueue<>(CHUNKS_MAX + 2);

  // Of the event loop.
  private long bytes;
  private boolean stopped;

  // Of the reading thread.
  private Buffer current = Buffer.buffer();
  private int at;
  private int read;
  private boolean ended;
  private @Nullable Failure failure;

  private BodyStream(HttpServerRequest request, Context context, long bytesMax) {
    this.request = request;
    this.context = context;
    this.bytesMax = bytesMax;
  }

  /// Called on the event loop, before anything of the body came.
  static BodyStream open(HttpServerRequest request, Context context, long bytesMax) {
    BodyStream stream = new BodyStream(request, context, bytesMax);
    request.pause();
    request.handler(stream::take);
    request.exceptionHandler(_ -> stream.stop(Failure.CUT));
    request.endHandler(_ -> {
      if (!stream.stopped) {
        stream.parts.add(new Part.End());
      }
    });
    request.fetch(CHUNKS_MAX);
    return stream;
  }

  /// The `content-type` of the request, or null.
  public @Nullable String contentType() {
    return request.getHeader("content-type");
  }

  /// The `content-encoding` of the request, or null.
  public @Nullable String contentEncoding() {
    return request.getHeader("content-encoding");
  }

  /// How many bytes the client says will come.
  public OptionalLong declaredBytes() {
    String length = request.getHeader("content-length");
    return length != null && length.matches("\\d{1,18}")
        ? OptionalLong.of(Long.parseLong(length))
        : OptionalLong.empty();
  }

  /// Why reading failed; null when it did not.
  public @Nullable Failure failure() {
    return failure;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] to, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    while (at == current.length()) {
      if (ended || !next()) {
        return -1;
      }
    }
    int count = Math.min(length, current.length() - at);
    current.getBytes(at, at + count, to, offset);
    at += count;
    return count;
  }

  /// What can be read without waiting.
  @Override
  public int available() {
    return current.length() - at;
  }

  /// Throws away what was not read, now and as it comes.
  @Override
  public void close() {
    ended = true;
    current = Buffer.buffer();
    at = 0;
    context.runOnContext(_ -> {
      stopped = true;
      parts.clear();
      request.resume();
    });
  }

  private boolean next() throws IOException {
    Part part = await();
    return switch (part) {
      case Part.Chunk(Buffer chunk) -> {
        current = chunk;
        at = 0;
        askForMore();
        yield true;
      }
      case Part.End _ -> {
        ended = true;
        yield false;
      }
      case Part.Failed(Failure why) -> {
        failure = why;
        throw new IOException("the body did not come to its end: " + why);
      }
    };
  }

  private Part await() {
    if (failure != null) {
      return new Part.Failed(failure);
    }
    try {
      Part part = parts.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      return part == null ? new Part.Failed(Failure.TOO_SLOW) : part;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Part.Failed(Failure.CUT);
    }
  }

  /// In halves, so that the event loop is not woken for each chunk.
  private void askForMore() {
    read++;
    if (read == CHUNKS_MAX / 2) {
      read = 0;
      context.runOnContext(_ -> request.fetch(CHUNKS_MAX / 2));
    }
  }

  private void take(Buffer chunk) {
    bytes += chunk.length();
    if (stopped) {
      if (bytes > DRAINED_BYTES_MAX) {
        var _ = request.connection().close();
      }
    } else if (bytes > bytesMax) {
      stop(Failure.TOO_LARGE);
    } else {
      parts.add(new Part.Chunk(chunk));
    }
  }

  private void stop(Failure why) {
    if (!stopped) {
      stopped = true;
      parts.add(new Part.Failed(why));
    }
  }
}
