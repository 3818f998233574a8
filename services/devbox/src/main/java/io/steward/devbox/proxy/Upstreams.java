package io.steward.devbox.proxy;

import io.steward.devbox.program.Service;
import java.util.EnumMap;
import java.util.Map;

/// On which port of 127.0.0.1 each service listens.
public final class Upstreams {
  /// A port of 127.0.0.1.
  public record Port(int number) {}

  private final Map<Service, Port> ports;

  public Upstreams(Map<Service, Port> ports) {
    this.ports = new EnumMap<>(ports);
  }

  /// @throws IllegalStateException when `service` has none, which is a bug
  public Port port(Service service) {
    Port port = ports.get(service);
    if (port == null) {
      throw new IllegalStateException(service + " has no port");
    }
    return port;
  }
}
