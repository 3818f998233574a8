package io.steward.sessionlog.stream;

import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.preview.PreviewFrame;
import io.steward.schemas.preview.SessionPreview;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.util.ArrayList;
import java.util.List;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// One open stream. Before it is opened, frames are held; afterwards they go to the response. What
/// is held or not yet taken by the network is bounded: a reader that lags further is dropped. A
/// reader that lags a little gets no more previews.
final class Subscriber {
  private static final Logger LOG = Logger.getLogger(Subscriber.class);
  private static final long PREVIEW_PENDING_BYTES_MAX = 64 * 1024;

  private final SessionId session;
  private final PreviewGate previews;
  private final long pendingBytesMax;
  private final Runnable onClose;
  private final List<Held> held = new ArrayList<>();
  private long pendingBytes;
  private boolean closed;
  private @Nullable HttpServerResponse response;
  private @Nullable Context context;

  Subscriber(SessionId session, PreviewGate previews, long pendingBytesMax, Runnable onClose) {
    this.session = session;
    this.previews = previews;
    this.pendingBytesMax = pendingBytesMax;
    this.onClose = onClose;
  }

  private record Held(long offset, Frame frame) {}

  SessionId session() {
    return session;
  }

  /// Whether the client asked for previews.
  boolean wantsPreviews() {
    return previews.wanted();
  }

  /// Takes a frame of the record at `offset`. Called by one thread at a time for records.
  synchronized void take(long offset, Frame frame) {
    if (closed) {
      return;
    }
    int bytes = frame.bytes().length();
    if (pendingBytes > 0 && pendingBytes + bytes > pendingBytesMax) {
      LOG.infof("session_id=%s: a stream is dropped, its reader is too slow", session);
      drop();
      return;
    }
    pendingBytes += bytes;
    if (response == null) {
      held.add(new Held(offset, frame));
    } else {
      deliver(frame);
    }
  }

  /// Takes a preview, which is shown at once, later, or never.
  synchronized void take(SessionPreview preview) {
    if (!closed) {
      previews.read(preview, pressed()).ifPresent(this::show);
    }
  }

  /// Says that the stream is alive, unless something else does.
  synchronized void ping() {
    if (!closed && response != null && pendingBytes == 0) {
      pendingBytes += Frame.PING.bytes().length();
      write(Frame.PING);
    }
  }

  /// Sends the headers and what was held since `fromOffset`. Runs on the response's event loop.
  synchronized void open(HttpServerResponse to, Context on, long fromOffset) {
    to.closeHandler(_ -> close());
    to.exceptionHandler(_ -> close());
    if (to.closed()) { // Then neither handler is ever called.
      close();
      return;
    }
    to.putHeader("content-type", "text/event-stream");
    to.putHeader("cache-control", "no-cache");
    to.putHeader("x-accel-buffering", "no");
    to.setChunked(true);
    var _ = to.write(Buffer.buffer());
    response = to;
    context = on;
    for (Held waiting : held) {
      if (waiting.offset < fromOffset) {
        pendingBytes -= waiting.frame.bytes().length();
      } else if (!closed) {
        deliver(waiting.frame);
      }
    }
    held.clear();
    if (closed) {
      var _ = to.end();
    }
  }

  /// Ends the stream in good order.
  synchronized void end() {
    HttpServerResponse to = response;
    if (!closed && to != null && context != null) {
      context.runOnContext(_ -> {
        if (!to.ended()) {
          var _ = to.end();
        }
      });
    }
    close();
  }

  /// Forgets the stream.
  synchronized void close() {
    if (!closed) {
      closed = true;
      held.clear();
      onClose.run();
    }
  }

  private void drop() {
    HttpServerResponse to = response;
    if (to != null && context != null) {
      context.runOnContext(_ -> to.reset());
    }
    close();
  }

  private void deliver(Frame frame) {
    write(frame);
    SessionEvent event = frame.event();
    if (event != null && !closed) {
      previews.delivered(event, pressed()).forEach(this::show);
    }
  }

  private void show(PreviewFrame preview) {
    Frame frame = Frame.of(preview);
    pendingBytes += frame.bytes().length();
    write(frame);
  }

  private boolean pressed() {
    return pendingBytes > Math.min(PREVIEW_PENDING_BYTES_MAX, pendingBytesMax / 2);
  }

  private void write(Frame frame) {
    HttpServerResponse to = response;
    if (to == null || context == null) {
      return;
    }
    Buffer buffer = frame.bytes();
    int bytes = buffer.length();
    context.runOnContext(_ -> {
      if (!to.ended() && !to.closed()) {
        var _ = to.write(buffer).onComplete(_ -> written(bytes));
      } else {
        close();
      }
    });
    if (frame.last()) {
      end();
    }
  }

  private synchronized void written(int bytes) {
    pendingBytes -= bytes;
  }
}
