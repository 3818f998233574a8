package io.steward.vaultproxy.egress;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/// Finds the addresses of a name. Every answer of it is untrusted.
@FunctionalInterface
public interface Resolver {
  /// The addresses of `name`, at least one, in the order they should be tried. Waits a bounded
  /// time.
  ///
  /// @throws UnknownHostException when there are none, or no answer came in time
  List<InetAddress> resolve(String name) throws UnknownHostException;
}
