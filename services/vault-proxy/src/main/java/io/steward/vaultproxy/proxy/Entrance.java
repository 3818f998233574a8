package io.steward.vaultproxy.proxy;

import io.steward.vaultproxy.admission.Guest;
import io.steward.vaultproxy.policy.Endpoint;

/// Where requests come in.
sealed interface Entrance {
  /// The port of the proxy: the connection or a request says whose it is; a request names a whole
  /// URL, or is a `CONNECT`.
  record Outside() implements Entrance {}

  /// A tunnel whose TLS ends here: all its requests are the guest's, and for one endpoint.
  record Inside(Guest guest, Endpoint endpoint) implements Entrance {}
}
