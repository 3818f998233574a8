package io.steward.vaultproxy.policy;

import io.steward.schemas.agent.EnvironmentConfig.Limited;
import io.steward.schemas.agent.EnvironmentConfig.Unrestricted;
import io.steward.vaultproxy.egress.HostName;
import java.util.Optional;
import java.util.Set;

/// Whether a sandbox may connect to a port of a host, as far as the name says. Pure.
///
/// Ports: under `limited` a host is open on 80, 443 and the ports the operator names, because
/// `allowed_hosts` holds no ports; a server of the agent is open on its own port. Under
/// `unrestricted` every port is open that [io.steward.vaultproxy.egress.WebUrl] takes, which leaves
/// out those where other protocols live. Secrets go to 80, 443 and the operator's ports only: who
/// binds a secret to `example.com` does not mean whatever else listens on that machine.
public final class NetworkPolicy {
  private static final Set<Integer> USUAL_PORTS = Set.of(80, 443);

  private final PackageRegistries registries;
  private final Set<Integer> ports;

  /// @param ports that are as good as 80 and 443
  public NetworkPolicy(PackageRegistries registries, Set<Integer> ports) {
    this.registries = registries;
    this.ports = Set.copyOf(ports);
  }

  /// Why `sandbox` may not connect to `endpoint`; empty when it may.
  public Optional<Refusal> refusal(SandboxIdentity sandbox, Endpoint endpoint) {
    return switch (sandbox.network()) {
      case Unrestricted _ -> Optional.empty();
      case Limited limited -> refusal(limited, sandbox, endpoint);
    };
  }

  /// Whether a secret may be sent to that port.
  public boolean usual(int port) {
    return USUAL_PORTS.contains(port) || ports.contains(port);
  }

  private Optional<Refusal> refusal(Limited limited, SandboxIdentity sandbox, Endpoint endpoint) {
    if (limited.allowMcpServers() && sandbox.mcpServers().contains(endpoint)) {
      return Optional.empty();
    }
    if (!allows(limited, sandbox, endpoint.host())) {
      return Optional.of(
          new Refusal(
              Refusal.Reason.HOST,
              "The host "
                  + endpoint.host().text()
                  + " is not one this environment allows connections to (networking.allowed_hosts)."));
    }
    if (!usual(endpoint.port())) {
      return Optional.of(
          new Refusal(
              Refusal.Reason.PORT,
              "Port "
                  + endpoint.port()
                  + " of "
                  + endpoint.host().text()
                  + " is not open: this environment allows ports 80 and 443 of its hosts."));
    }
    return Optional.empty();
  }

  private boolean allows(Limited limited, SandboxIdentity sandbox, HostName host) {
    return HostSet.listed(limited.allowedHosts()).covers(host)
        || limited.allowPackageManagers() && registries.cover(host)
        || limited.allowMcpServers()
            && sandbox.mcpServers().stream().anyMatch(server -> server.host().equals(host));
  }
}
