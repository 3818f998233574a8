package io.steward.vaultproxy.policy;

import io.steward.schemas.agent.EnvironmentConfig.Networking;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.sandbox.SandboxAccess;
import io.steward.schemas.sandbox.SandboxNetwork;
import io.steward.vaultproxy.egress.EgressRefusal;
import io.steward.vaultproxy.egress.WebUrl;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The sandbox that is asking, as the service knows it: nothing of this comes from the sandbox.
///
/// @param network what its environment lets out to
/// @param mcpServers of the session's agents
/// @param vaultIds of the session, in its order
/// @param repositories of the session that have a token
public record SandboxIdentity(
    String sandboxId,
    SessionId sessionId,
    String workspaceId,
    Networking network,
    Set<Endpoint> mcpServers,
    List<String> vaultIds,
    List<SandboxNetwork.Repository> repositories) {
  public SandboxIdentity {
    mcpServers = Set.copyOf(mcpServers);
    vaultIds = List.copyOf(vaultIds);
    repositories = List.copyOf(repositories);
  }

  /// As it was announced. URLs of MCP servers that cannot be connected to are left out.
  public static SandboxIdentity of(String sandboxId, SessionId sessionId, SandboxAccess access) {
    return new SandboxIdentity(
        sandboxId,
        sessionId,
        access.workspaceId(),
        access.networking(),
        endpoints(access.network().mcpServers()),
        access.network().vaultIds(),
        access.network().repositories());
  }

  private static Set<Endpoint> endpoints(List<String> urls) {
    Set<Endpoint> endpoints = new HashSet<>();
    for (String text : urls) {
      try {
        WebUrl url = WebUrl.parse(text);
        endpoints.add(new Endpoint(url.host(), url.port()));
      } catch (EgressRefusal e) {
        continue; // Nobody can connect to it.
      }
    }
    return endpoints;
  }
}
