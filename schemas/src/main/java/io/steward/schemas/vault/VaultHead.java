package io.steward.schemas.vault;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What others know of a vault: a record of `vaults` under the vault's id. It holds no secret. A
/// deleted vault leaves a tombstone.
///
/// @param id `vlt_…`
/// @param archivedAt since when no new session may name it, or null; an archived vault stays
///   archived
/// @param variables what sandboxes find in their environment, or null in a head of 0.1
public record VaultHead(
    String id,
    String workspaceId,
    @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable Instant archivedAt,
    @Nullable Variables variables) {
  public static final String TYPE = "vault.head";

  /// Variables that hold placeholders.
  ///
  /// @param salt random, the same for the vault's whole life; see [Placeholders]
  /// @param names of the variables, each once, sorted
  public record Variables(String salt, List<String> names) {
    public Variables {
      names = List.copyOf(names);
    }
  }
}
