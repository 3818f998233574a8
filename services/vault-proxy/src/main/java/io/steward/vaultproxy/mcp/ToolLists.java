package io.steward.vaultproxy.mcp;

import io.steward.schemas.egress.McpToolList;

/// Where lists of tools go. Safe from any thread.
@FunctionalInterface
public interface ToolLists {
  /// Sends a list and waits until it is safe.
  ///
  /// @return false when it may not have arrived; it can be sent again
  boolean send(String workspaceId, McpToolList list);
}
