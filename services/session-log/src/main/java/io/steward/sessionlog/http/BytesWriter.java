package io.steward.sessionlog.http;

import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.Semaphore;
import org.jboss.logging.Logger;

/// Writes a file as fast as the client takes it, from a virtual thread. A reply that cannot be
/// completed ends the connection, so that a cut file never looks whole.
final class BytesWriter {
  private static final Logger LOG = Logger.getLogger(BytesWriter.class);
  private static final int CHUNK_BYTES = 64 * 1024;

  /// How many chunks the network may not have taken yet.
  private static final int CHUNKS_MAX = 4;

  private final HttpServerResponse response;
  private final Context context;
  private final Semaphore room = new Semaphore(CHUNKS_MAX);
  private volatile boolean gone;

  BytesWriter(HttpServerResponse response, Context context) {
    this.response = response;
    this.context = context;
  }

  void write(Reply.Bytes reply) {
    try (InputStream content = reply.content()) {
      context.runOnContext(_ -> begin(reply));
      long left = reply.sizeBytes();
      while (left > 0 && !gone) {
        byte[] chunk = content.readNBytes((int) Math.min(CHUNK_BYTES, left));
        if (chunk.length == 0) {
          throw new EOFException("the stored bytes are " + left + " fewer than they should be");
        }
        left -= chunk.length;
        room.acquire();
        context.runOnContext(_ -> pass(Buffer.buffer(chunk)));
      }
      context.runOnContext(_ -> end());
    } catch (IOException e) {
      LOG.warnf("A file could not be sent whole: %s", e);
      context.runOnContext(_ -> cut());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      context.runOnContext(_ -> cut());
    }
  }

  private void begin(Reply.Bytes reply) {
    if (response.ended() || response.closed()) {
      leave();
      return;
    }
    response.closeHandler(_ -> leave());
    response.exceptionHandler(_ -> leave());
    response.setStatusCode(200);
    response.putHeader("content-type", reply.mediaType());
    response.putHeader("content-length", Long.toString(reply.sizeBytes()));
    response.putHeader("content-disposition", ContentDisposition.attachment(reply.filename()));
    response.putHeader("x-content-type-options", "nosniff");
  }

  private void pass(Buffer chunk) {
    if (gone) {
      room.release();
      return;
    }
    response
        .write(chunk)
        .onComplete(done -> {
          gone |= done.failed();
          room.release();
        });
  }

  private void end() {
    if (!gone && !response.ended()) {
      var _ = response.end();
    }
  }

  private void cut() {
    if (!response.ended()) {
      response.reset();
    }
  }

  /// The writing thread must not wait for somebody who went away.
  private void leave() {
    gone = true;
    room.release(CHUNKS_MAX);
  }
}
