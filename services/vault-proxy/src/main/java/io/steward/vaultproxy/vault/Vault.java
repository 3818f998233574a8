package io.steward.vaultproxy.vault;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The credentials of one end user, exactly as the API returns it. Source: contract/platform.md §2.
///
/// @param id `vlt_…`
/// @param displayName 1–255 characters
/// @param metadata up to 16 pairs, in the order they came
/// @param archivedAt when the vault became read-only and lost its secrets, or null
@JsonPropertyOrder({"id", "type"})
public record Vault(
    String id,
    String displayName,
    Map<String, String> metadata,
    Instant createdAt,
    Instant updatedAt,
    @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable Instant archivedAt) {

  /// Always `vault`.
  @JsonProperty("type")
  public String type() {
    return "vault";
  }

  /// This vault, archived at that moment.
  public Vault archived(Instant at) {
    return new Vault(id, displayName, metadata, createdAt, at, at);
  }
}
