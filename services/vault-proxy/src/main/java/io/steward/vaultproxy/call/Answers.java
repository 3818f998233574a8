package io.steward.vaultproxy.call;

import io.steward.schemas.sandbox.ToolResult;

/// Where answers of calls go. Safe from any thread.
@FunctionalInterface
public interface Answers {
  /// Sends an answer and waits until it is safe.
  ///
  /// @return false when it may not have arrived; it can be sent again
  boolean send(String workspaceId, ToolResult result);
}
