package io.steward.vaultproxy.outbox;

import java.util.List;

/// Where vaults are published.
@FunctionalInterface
public interface VaultTopic {
  /// Publishes vaults in this order. When this returns, nothing is on its way any more.
  ///
  /// @return how many of them, from the first on, others can read now
  int publish(List<OutboxRow> rows);
}
