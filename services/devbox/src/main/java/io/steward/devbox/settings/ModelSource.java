package io.steward.devbox.settings;

import java.net.URI;

/// Where the harness finds models.
public sealed interface ModelSource {
  /// The built-in demo model: nobody gave a key or an address.
  record Demo() implements ModelSource {}

  /// A server that speaks the Messages API.
  ///
  /// @param key sent as `x-api-key`; empty when the server wants none
  record Upstream(URI baseUrl, Secret key) implements ModelSource {}
}
