package io.steward.vaultproxy.outbox;

import io.steward.schemas.vault.VaultHead;
import org.jspecify.annotations.Nullable;

/// A vault that changed and has to be published.
///
/// @param ticket grows with each change of any vault; a change that comes later has another one
/// @param head the vault as it is now, or null when it is deleted
public record OutboxRow(String vaultId, long ticket, @Nullable VaultHead head) {}
