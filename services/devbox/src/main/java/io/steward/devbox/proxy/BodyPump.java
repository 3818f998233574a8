package io.steward.devbox.proxy;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpServerRequest;

/// Passes a request body on as fast as the receiver takes it, and counts it. What comes after the
/// limit, or after the receiver is gone, is read and thrown away, so that the client can finish
/// writing and read its answer.
final class BodyPump {
  /// The body is larger than the limit.
  static final class TooLarge extends Exception {
    private static final long serialVersionUID = 1L;
  }

  private final HttpServerRequest from;
  private final HttpClientRequest to;
  private final long bytesMax;
  private final Promise<Void> end = Promise.promise();
  private long bytes;

  BodyPump(HttpServerRequest from, HttpClientRequest to, long bytesMax) {
    this.from = from;
    this.to = to;
    this.bytesMax = bytesMax;
  }

  /// Completes when the whole body was passed on.
  Future<Void> start() {
    to.exceptionHandler(end::tryFail);
    from.exceptionHandler(end::tryFail);
    from.handler(this::pass);
    from.endHandler(_ -> {
      if (!end.future().isComplete()) {
        to.end().onComplete(end);
      }
    });
    from.resume();
    return end.future().onFailure(_ -> from.resume());
  }

  private void pass(Buffer part) {
    if (end.future().isComplete()) {
      return;
    }
    bytes += part.length();
    if (bytes > bytesMax) {
      end.tryFail(new TooLarge());
      return;
    }
    to.write(part).onFailure(end::tryFail);
    if (to.writeQueueFull()) {
      from.pause();
      to.drainHandler(_ -> from.resume());
    }
  }
}
