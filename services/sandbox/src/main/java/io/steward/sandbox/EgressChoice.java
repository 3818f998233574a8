package io.steward.sandbox;

import io.steward.sandbox.driver.BubblewrapDriver;
import io.steward.sandbox.driver.NoneDriver;
import io.steward.sandbox.driver.ProcessDriver;
import io.steward.sandbox.egress.ProxyAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import org.jboss.logging.Logger;

/// Decides whether sandboxes have a way out, and says why not.
final class EgressChoice {
  private static final Logger LOG = Logger.getLogger(EgressChoice.class);

  private static final String KUBERNETES = "kubernetes";

  private final SandboxSettings settings;

  EgressChoice(SandboxSettings settings) {
    this.settings = settings;
  }

  /// The proxy that sandboxes of a driver go through, or empty when they have no way out.
  ///
  /// @param driver name of the driver
  /// @throws IllegalArgumentException when the setting is no address
  Optional<ProxyAddress> proxy(String driver) {
    Optional<ProxyAddress> proxy =
        settings.egressProxy().map(text -> ProxyAddress.parse("STEWARD_EGRESS_PROXY", text));
    if (driver.equals(NoneDriver.NAME)) {
      return Optional.empty();
    }
    if (driver.equals(KUBERNETES)) {
      return proxy.map(EgressChoice::asSeenFromPods);
    }
    if (proxy.isEmpty()) {
      LOG.info(
          driver.equals(ProcessDriver.NAME)
              ? "STEWARD_EGRESS_PROXY is not set: commands have the network of this machine"
              : "STEWARD_EGRESS_PROXY is not set: sandboxes have no network");
    } else if (driver.equals(BubblewrapDriver.NAME) && !BubblewrapDriver.hasEgress()) {
      LOG.warn(
          "NO NETWORK: sandboxes need /usr/bin/socat to reach the egress proxy, and it is not"
              + " there. Install socat and start this service again.");
      return Optional.empty();
    }
    return proxy;
  }

  /// Names are not resolved in pods.
  private static ProxyAddress asSeenFromPods(ProxyAddress proxy) {
    try {
      return proxy.resolved();
    } catch (UnknownHostException e) {
      throw new IllegalStateException(
          "STEWARD_EGRESS_PROXY is " + proxy + ", but no name server knows that name", e);
    }
  }
}
