package io.steward.sandbox.egress;

import io.steward.schemas.agent.EnvironmentConfig.Networking;
import java.util.Map;
import java.util.Optional;

/// The way out of one sandbox.
///
/// @param token who it is to the proxy
/// @param networking what its environment lets it reach
/// @param placeholders what it holds instead of secrets, by the names of variables
/// @param authorityPem the certificate it has to trust; empty when none is known
public record WayOut(
    ProxyAddress proxy,
    SandboxToken token,
    Networking networking,
    Map<String, String> placeholders,
    Optional<String> authorityPem) {
  public WayOut {
    placeholders = Map.copyOf(placeholders);
  }
}
