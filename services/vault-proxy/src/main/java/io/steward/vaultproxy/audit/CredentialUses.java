package io.steward.vaultproxy.audit;

import io.steward.schemas.vault.CredentialUse;

/// Where uses of credentials are kept. Any thread may call it.
public interface CredentialUses {
  /// Whether uses can be kept now; never waits. A credential is not used while they cannot.
  boolean hasRoom();

  /// Keeps a use as soon as possible, without waiting: for event loops.
  void note(CredentialUse use);

  /// Keeps a use, and normally returns when it is safe. When that takes long it returns earlier,
  /// and the use is kept later.
  void record(CredentialUse use);
}
