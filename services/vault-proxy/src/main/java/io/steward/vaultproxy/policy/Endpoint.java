package io.steward.vaultproxy.policy;

import io.steward.vaultproxy.egress.HostName;

/// A port of a host.
///
/// @param port 1 to 65535
public record Endpoint(HostName host, int port) {
  /// As it is written in a `CONNECT`: always with the port.
  @Override
  public String toString() {
    return host.authority() + ":" + port;
  }
}
