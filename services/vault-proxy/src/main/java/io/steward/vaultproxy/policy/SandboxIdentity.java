package io.steward.vaultproxy.policy;

import io.steward.schemas.agent.EnvironmentConfig.Networking;
import io.steward.schemas.id.SessionId;
import java.util.List;
import java.util.Set;

/// The sandbox that is asking, as the service knows it: nothing of this comes from the sandbox.
///
/// @param network what its environment lets out to
/// @param mcpServers of the session's agents
/// @param vaultIds of the session, in its order
public record SandboxIdentity(
    String sandboxId,
    SessionId sessionId,
    String workspaceId,
    Networking network,
    Set<Endpoint> mcpServers,
    List<String> vaultIds) {
  public SandboxIdentity {
    mcpServers = Set.copyOf(mcpServers);
    vaultIds = List.copyOf(vaultIds);
  }
}
