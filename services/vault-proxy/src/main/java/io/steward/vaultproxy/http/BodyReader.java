package io.steward.vaultproxy.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// Collects the body of a request, and never keeps more of it than a vault or a credential can
/// need. What comes beyond that is counted and thrown away, so that a client that writes before it
/// reads still gets its answer; at [#DRAINED_BYTES_MAX] the connection is closed. Lives on the
/// event loop.
final class BodyReader {
  /// The largest body of a request, in bytes.
  static final long BODY_BYTES_MAX = 32L * 1024 * 1024;

  /// The largest body that can be a vault or a credential, in bytes.
  static final long KEPT_BYTES_MAX = 1024 * 1024;

  static final long DRAINED_BYTES_MAX = 8 * BODY_BYTES_MAX;

  private final HttpServerRequest request;
  private final Traffic.Body held;
  private final Consumer<Refusal> onRefusal;
  private final List<Buffer> chunks = new ArrayList<>();
  private long bytes;
  private boolean keeping = true;
  private boolean refused;

  /// Why a body is not taken.
  sealed interface Refusal {
    /// Larger than any request may be.
    record TooLarge() implements Refusal {}

    /// Larger than a vault or a credential may be.
    record TooLong(long bytes) implements Refusal {}

    /// The bodies of other requests leave no room for it.
    record NoRoom() implements Refusal {}
  }

  private BodyReader(HttpServerRequest request, Traffic.Body held, Consumer<Refusal> onRefusal) {
    this.request = request;
    this.held = held;
    this.onRefusal = onRefusal;
  }

  /// @param held counts the bytes; it is released here unless `onBody` is called
  /// @param onBody gets the whole body
  /// @param onRefusal is called once, instead
  static void read(
      HttpServerRequest request,
      Traffic.Body held,
      Consumer<byte[]> onBody,
      Consumer<Refusal> onRefusal) {
    BodyReader reader = new BodyReader(request, held, onRefusal);
    String length = request.getHeader("content-length");
    if (length != null && length.matches("\\d{1,18}") && Long.parseLong(length) > BODY_BYTES_MAX) {
      reader.refuse(new Refusal.TooLarge());
    }
    reader.start(onBody);
  }

  /// Throws the body away.
  static void drain(HttpServerRequest request, Traffic.Body nothing) {
    BodyReader reader = new BodyReader(request, nothing, _ -> {});
    reader.refuse(new Refusal.NoRoom());
    reader.start(_ -> {});
  }

  private void start(Consumer<byte[]> onBody) {
    request.handler(this::take);
    request.exceptionHandler(_ -> forget());
    request.endHandler(_ -> {
      if (keeping) {
        onBody.accept(body());
      } else if (!refused) {
        refuse(new Refusal.TooLong(bytes));
      }
    });
    request.resume();
  }

  private void take(Buffer chunk) {
    bytes += chunk.length();
    if (refused) {
      if (bytes > DRAINED_BYTES_MAX) {
        var _ = request.connection().close();
      }
    } else if (bytes > BODY_BYTES_MAX) {
      refuse(new Refusal.TooLarge());
    } else if (bytes > KEPT_BYTES_MAX) {
      forget();
    } else if (!held.hold(chunk.length())) {
      refuse(new Refusal.NoRoom());
    } else {
      chunks.add(chunk);
    }
  }

  private void refuse(Refusal why) {
    forget();
    refused = true;
    onRefusal.accept(why);
  }

  private void forget() {
    if (keeping) {
      keeping = false;
      chunks.clear();
      held.release();
    }
  }

  private byte[] body() {
    byte[] body = new byte[Math.toIntExact(bytes)];
    int at = 0;
    for (Buffer chunk : chunks) {
      chunk.getBytes(body, at);
      at += chunk.length();
    }
    chunks.clear();
    return body;
  }
}
