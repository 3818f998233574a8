package io.steward.vaultproxy.mcp;

import io.steward.schemas.egress.EgressCommand.CallMcpTool;
import io.steward.schemas.egress.EgressCommand.ListMcpTools;
import io.steward.schemas.id.SessionId;
import java.util.List;

/// A server as one session has it. Sessions share no connection: each has its own credentials, and
/// a server may keep state.
///
/// @param name in the agent
/// @param url as the agent has it
record Server(
    String workspaceId, SessionId session, String name, String url, List<String> vaultIds) {
  Server {
    vaultIds = List.copyOf(vaultIds);
  }

  static Server of(ListMcpTools command, String workspaceId) {
    return new Server(
        workspaceId, command.sessionId(), command.serverName(), command.url(), command.vaultIds());
  }

  static Server of(CallMcpTool command, String workspaceId) {
    return new Server(
        workspaceId, command.sessionId(), command.serverName(), command.url(), command.vaultIds());
  }
}
