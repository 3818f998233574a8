package io.steward.sessionlog.stream;

import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.preview.PreviewFrame;
import io.steward.schemas.preview.SessionPreview;
import io.steward.sessionlog.http.Caller;
import io.steward.sessionlog.http.OpenStream;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// One open stream. Before it is live, frames are held; afterwards they go to the response. What is
/// held or not yet taken by the network is bounded: a reader that lags further is dropped. A reader
/// that lags a little gets no more previews, and is dropped when all of them together lag too far.
final class Subscriber {
  private static final Logger LOG = Logger.getLogger(Subscriber.class);
  private static final long PREVIEW_PENDING_BYTES_MAX = 64 * 1024;
  private static final long REPLAY_PENDING_BYTES_MAX = 64 * 1024;

  private final SessionId session;
  private final Caller caller;
  private final PreviewGate previews;
  private final long pendingBytesMax;
  private final Backlog backlog;
  private final Consumer<Subscriber> onClose;
  private final Runnable onDrop;
  private final List<Held> held = new ArrayList<>();
  private long pendingBytes;
  private long heldBytes;
  private long fromOffset;
  private boolean live;
  private boolean closed;
  private @Nullable OpenStream stream;

  /// Frames that the response's event loop is about to write.
  private @Nullable Buffer unsent;

  /// @param onClose is called once, when nothing more is shown
  /// @param onDrop is called before it when the reader is too slow
  Subscriber(
      SessionId session,
      Caller caller,
      PreviewGate previews,
      long pendingBytesMax,
      Backlog backlog,
      Consumer<Subscriber> onClose,
      Runnable onDrop) {
    this.session = session;
    this.caller = caller;
    this.previews = previews;
    this.pendingBytesMax = pendingBytesMax;
    this.backlog = backlog;
    this.onClose = onClose;
    this.onDrop = onDrop;
  }

  private record Held(long offset, Frame frame) {}

  SessionId session() {
    return session;
  }

  /// Who reads it.
  Caller caller() {
    return caller;
  }

  /// Whether the client asked for previews.
  boolean wantsPreviews() {
    return previews.wanted();
  }

  /// Bytes the network has not taken yet.
  synchronized long pendingBytes() {
    return pendingBytes;
  }

  /// Takes a frame of the record at `offset`. Called by one thread at a time for records.
  synchronized void take(long offset, Frame frame) {
    if (closed || (live && offset < fromOffset)) {
      return;
    }
    int bytes = frame.bytes().length();
    if (pendingBytes > 0 && pendingBytes + bytes > pendingBytesMax) {
      tooSlow();
    } else if (admitted(bytes)) {
      if (live) {
        deliver(frame);
      } else {
        held.add(new Held(offset, frame));
        heldBytes += bytes;
      }
    }
  }

  /// Takes a frame of a record from before the stream is live.
  synchronized void replay(Frame frame) {
    if (!closed && admitted(frame.bytes().length())) {
      deliver(frame);
    }
  }

  /// Waits until the reader has taken nearly all that was replayed.
  ///
  /// @return false when nothing more is shown
  synchronized boolean awaitTaken() throws InterruptedException {
    while (!closed && pendingBytes - heldBytes > REPLAY_PENDING_BYTES_MAX) {
      wait();
    }
    return !closed;
  }

  private boolean admitted(int bytes) {
    if (pressed() && backlog.full()) {
      tooSlow();
      return false;
    }
    pend(bytes);
    return true;
  }

  private void tooSlow() {
    LOG.infof("session_id=%s: a stream is dropped, its reader is too slow", session);
    onDrop.run();
    drop();
  }

  /// Takes a preview, which is shown at once, later, or never.
  synchronized void take(SessionPreview preview) {
    if (!closed) {
      previews.read(preview, pressed()).ifPresent(this::show);
    }
  }

  /// Says that the stream is alive, unless something else does.
  synchronized void ping() {
    if (!closed && stream != null && pendingBytes == 0) {
      pend(Frame.PING.bytes().length());
      write(Frame.PING);
    }
  }

  /// Sends the headers and where the stream begins. Runs on the response's event loop.
  ///
  /// @param begin behind what the reader has seen
  /// @param fromOffset of the first record whose frames are shown once the stream is live
  synchronized void open(OpenStream on, StreamPosition begin, long fromOffset) {
    HttpServerResponse to = on.response();
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
    stream = on;
    this.fromOffset = fromOffset;
    if (closed) {
      var _ = to.end();
      return;
    }
    Frame first = Frame.begin(begin);
    pend(first.bytes().length());
    write(first);
  }

  /// Shows what was held, and from now on what comes.
  synchronized void goLive() {
    live = true;
    List<Held> waiting = List.copyOf(held);
    held.clear();
    heldBytes = 0;
    for (Held each : waiting) {
      if (closed) {
        return;
      }
      if (each.offset < fromOffset) {
        pend(-each.frame.bytes().length());
      } else {
        deliver(each.frame);
      }
    }
  }

  /// Ends the stream in good order.
  synchronized void end() {
    OpenStream on = stream;
    if (!closed && on != null) {
      on.context()
          .runOnContext(_ -> {
            if (!on.response().ended()) {
              var _ = on.response().end();
            }
          });
    }
    close();
  }

  /// Ends the stream soon: in good order, unless that would have to wait for its reader.
  synchronized void leave() {
    if (pressed()) {
      drop();
    } else {
      end();
    }
  }

  /// Forgets the stream.
  synchronized void close() {
    if (!closed) {
      closed = true;
      held.clear();
      heldBytes = 0;
      pend(-pendingBytes);
      onClose.accept(this);
      notifyAll();
    }
  }

  private void pend(long bytes) {
    pendingBytes += bytes;
    backlog.add(bytes);
  }

  private void drop() {
    if (stream != null) {
      stream.cut();
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
    pend(frame.bytes().length());
    write(frame);
  }

  private boolean pressed() {
    return pendingBytes > Math.min(PREVIEW_PENDING_BYTES_MAX, pendingBytesMax / 2);
  }

  private void write(Frame frame) {
    OpenStream on = stream;
    if (on == null) {
      return;
    }
    if (unsent == null) {
      unsent = Buffer.buffer();
      on.context().runOnContext(_ -> send(on.response()));
    }
    unsent.appendBuffer(frame.bytes());
    if (frame.last()) {
      end();
    }
  }

  /// Frames that come one right after another are one write: those of a record, those of a turn.
  private void send(HttpServerResponse to) {
    Buffer frames = taken();
    if (!to.ended() && !to.closed()) {
      var _ = to.write(frames).onComplete(_ -> written(frames.length()));
    } else {
      close();
    }
  }

  private synchronized Buffer taken() {
    Buffer frames = unsent == null ? Buffer.buffer() : unsent;
    unsent = null;
    return frames;
  }

  private synchronized void written(int bytes) {
    if (!closed) {
      pend(-bytes);
      notifyAll();
    }
  }
}
