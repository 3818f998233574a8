package io.steward.sandbox.egress;

import io.steward.schemas.agent.EnvironmentConfig.Networking;
import io.steward.schemas.trace.TraceContext;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// The way out of one sandbox.
///
/// @param token who it is to the proxy
/// @param networking what its environment lets it reach
/// @param placeholders what it holds instead of secrets, by the names of variables
/// @param authorityPem the certificate it has to trust; empty when none is known
/// @param trace what runs in it now is part of, if somebody traces
public record WayOut(
    ProxyAddress proxy,
    SandboxToken token,
    Networking networking,
    Map<String, String> placeholders,
    Optional<String> authorityPem,
    Supplier<Optional<TraceContext>> trace) {
  public WayOut {
    placeholders = Map.copyOf(placeholders);
  }

  /// A way out nobody traces.
  public WayOut(
      ProxyAddress proxy,
      SandboxToken token,
      Networking networking,
      Map<String, String> placeholders,
      Optional<String> authorityPem) {
    this(proxy, token, networking, placeholders, authorityPem, Optional::empty);
  }

  /// The same of a sandbox whose calls are traced.
  public WayOut tracedBy(Supplier<Optional<TraceContext>> calling) {
    return new WayOut(proxy, token, networking, placeholders, authorityPem, calling);
  }
}
