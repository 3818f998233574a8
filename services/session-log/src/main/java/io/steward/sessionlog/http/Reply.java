package io.steward.sessionlog.http;

import io.vertx.core.Context;
import io.vertx.core.http.HttpServerResponse;
import java.io.InputStream;
import java.util.function.BiConsumer;

/// What a route answers with status 200.
public sealed interface Reply {
  /// @param body is written with the JSON dialect of Steward
  record Json(Object body) implements Reply {}

  /// An event stream.
  ///
  /// @param open is called on the event loop with the response, whose common headers are set, and
  ///   with its context; it writes everything else
  record Stream(BiConsumer<HttpServerResponse, Context> open) implements Reply {}

  /// Bytes to be kept by the client as a file, whatever they are.
  ///
  /// @param mediaType `type/subtype`
  /// @param sizeBytes how many bytes `content` has
  /// @param content is closed when the reply is done with
  record Bytes(String mediaType, String filename, long sizeBytes, InputStream content)
      implements Reply {}
}
