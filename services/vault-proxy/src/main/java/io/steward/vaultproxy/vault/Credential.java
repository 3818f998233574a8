package io.steward.vaultproxy.vault;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A credential of a vault without its secrets, exactly as the API returns it. Source:
/// contract/platform.md §3.
///
/// @param id `vcrd_…`
/// @param displayName up to 255 characters, or null
/// @param metadata up to 16 pairs, in the order they came
/// @param archivedAt when the credential became read-only and lost its secrets, or null
@JsonPropertyOrder({"id", "type"})
public record Credential(
    String id,
    String vaultId,
    CredentialAuth auth,
    @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable String displayName,
    Map<String, String> metadata,
    Instant createdAt,
    Instant updatedAt,
    @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable Instant archivedAt) {

  /// Always `vault_credential`.
  @JsonProperty("type")
  public String type() {
    return "vault_credential";
  }

  /// This credential, archived at that moment.
  public Credential archived(Instant at) {
    return new Credential(id, vaultId, auth, displayName, metadata, createdAt, at, at);
  }

  /// This credential with another `auth` of the same type, from that moment on.
  Credential with(CredentialAuth changed, Instant at) {
    return new Credential(id, vaultId, changed, displayName, metadata, createdAt, at, archivedAt);
  }
}
