package io.steward.schemas.vault;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What others know of a vault: a record of `vaults` under the vault's id. Nothing of its
/// credentials is in it. A deleted vault leaves a tombstone.
///
/// @param id `vlt_…`
/// @param archivedAt since when no new session may name it, or null; an archived vault stays
///   archived
public record VaultHead(
    String id,
    String workspaceId,
    @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable Instant archivedAt) {
  public static final String TYPE = "vault.head";
}
