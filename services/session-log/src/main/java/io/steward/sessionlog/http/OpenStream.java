package io.steward.sessionlog.http;

import io.vertx.core.Context;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.impl.ConnectionBase;

/// Where an event stream is written.
///
/// @param context of the response: whatever is done with it is done there
public record OpenStream(HttpServerRequest request, Context context) {
  /// The response; its common headers are set.
  public HttpServerResponse response() {
    return request.response();
  }

  /// Ends the connection at once, and what was written and not read is forgotten. A reset of the
  /// response would wait until the client has read it, which a client that does not read never
  /// does.
  public void cut() {
    context.runOnContext(_ -> {
      if (request.connection() instanceof ConnectionBase connection) {
        var _ = connection.channelHandlerContext().close();
      } else {
        response().reset();
      }
    });
  }
}
