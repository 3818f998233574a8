package io.steward.vaultproxy.vault;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.agent.rules.MetadataRules;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import java.time.Instant;
import java.util.Map;

/// The rules of creating and updating a vault. Source: contract/platform.md §2.
public final class VaultRules {
  private static final int NAME_CHARS_MAX = 255;

  private VaultRules() {}

  /// A new vault.
  ///
  /// @throws ApiException 400 when the body breaks a rule
  public static Vault create(JsonNode body, String id, Instant now) {
    return new Vault(
        id,
        Field.body(body).field("display_name").text(1, NAME_CHARS_MAX),
        MetadataRules.create(body),
        now,
        now,
        null);
  }

  /// The vault after a patch: the same object when nothing would change.
  ///
  /// @throws ApiException 400 when the vault is archived or the patch breaks a rule
  public static Vault update(Vault current, JsonNode body, Instant now) {
    requireActive(current);
    String name = Field.body(body).field("display_name").optionalText(1, NAME_CHARS_MAX);
    Map<String, String> metadata =
        MetadataRules.update(current.metadata(), body, MetadataRules.EmptyValue.STORED);
    String nameNow = name == null ? current.displayName() : name;
    return nameNow.equals(current.displayName()) && metadata.equals(current.metadata())
        ? current
        : new Vault(current.id(), nameNow, metadata, current.createdAt(), now, null);
  }

  /// @throws ApiException 400 when the vault is archived
  public static void requireActive(Vault vault) {
    if (vault.archivedAt() != null) {
      throw new ApiException(
          ApiError.invalid("Vault " + vault.id() + " is archived and cannot be changed."));
    }
  }

  /// 404: no vault has that id.
  public static ApiException missing(String id) {
    return new ApiException(ApiError.notFound("There is no vault " + id + "."));
  }
}
