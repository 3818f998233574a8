package io.steward.vaultproxy.audit;

import io.steward.schemas.vault.CredentialUse;
import java.util.List;

/// Where uses are published.
@FunctionalInterface
public interface AuditTopic {
  /// Publishes uses in this order. When this returns, nothing is on its way any more.
  ///
  /// @return how many of them, from the first on, others can read now
  int publish(List<CredentialUse> uses);
}
