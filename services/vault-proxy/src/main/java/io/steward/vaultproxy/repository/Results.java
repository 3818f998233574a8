package io.steward.vaultproxy.repository;

import io.steward.schemas.egress.RepositoryResult;

/// Where results go. Safe from any thread.
public interface Results {
  /// Sends a result and waits until it is safe.
  ///
  /// @return false when it may not have arrived; it can be sent again
  boolean send(String workspaceId, RepositoryResult result);
}
