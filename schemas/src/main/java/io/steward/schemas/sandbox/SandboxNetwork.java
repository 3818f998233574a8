package io.steward.schemas.sandbox;

import java.util.List;

/// What the session adds to the networking of its environment: servers its agents name, and secrets
/// that the egress proxy may put into requests.
///
/// @param mcpServers URLs of the servers its agents name
/// @param vaultIds in the session's order; of two credentials for the same, the first counts
/// @param repositories those with a token
public record SandboxNetwork(
    List<String> mcpServers, List<String> vaultIds, List<Repository> repositories) {
  /// Nothing.
  public static final SandboxNetwork NONE = new SandboxNetwork(List.of(), List.of(), List.of());

  public SandboxNetwork {
    mcpServers = List.copyOf(mcpServers);
    vaultIds = List.copyOf(vaultIds);
    repositories = List.copyOf(repositories);
  }

  /// @param url of the repository, as the session names it
  /// @param secretId names its sealed token at vault-proxy; a new token has a new id
  public record Repository(String url, String secretId) {}
}
