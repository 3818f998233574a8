package io.steward.sessionlog.http;

import java.io.InputStream;
import java.util.function.Consumer;

/// What a route answers with status 200.
public sealed interface Reply {
  /// @param body is written with the JSON dialect of Steward
  record Json(Object body) implements Reply {}

  /// An event stream.
  ///
  /// @param open is called on the event loop and writes everything but the common headers
  record Stream(Consumer<OpenStream> open) implements Reply {}

  /// Bytes to be kept by the client as a file, whatever they are.
  ///
  /// @param mediaType `type/subtype`
  /// @param sizeBytes how many bytes `content` has
  /// @param content is closed when the reply is done with
  record Bytes(String mediaType, String filename, long sizeBytes, InputStream content)
      implements Reply {}
}
