package io.steward.vaultproxy.vault;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.agent.rules.MetadataRules;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.vaultproxy.vault.AuthRules.AuthChange;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// The rules of creating and updating a credential. Source: contract/platform.md §3.
public final class CredentialRules {
  /// The most credentials of a vault that are not archived.
  public static final int ACTIVE_MAX = 20;

  private static final int NAME_CHARS_MAX = 255;

  private CredentialRules() {}

  /// A new credential and its secrets.
  ///
  /// @throws ApiException 400 when the body breaks a rule
  public static CredentialChange create(JsonNode body, String id, String vaultId, Instant now) {
    Field fields = Field.body(body);
    AuthChange auth = AuthRules.create(fields.field("auth"), now);
    Credential credential =
        new Credential(
            id,
            vaultId,
            auth.auth(),
            fields.field("display_name").optionalText(0, NAME_CHARS_MAX),
            MetadataRules.create(body),
            now,
            now,
            null);
    return new CredentialChange(credential, auth.secrets());
  }

  /// The credential after a patch, and the secrets that are new: the same object and none when
  /// nothing would change.
  ///
  /// @throws ApiException 400 when the credential is archived or the patch breaks a rule
  public static CredentialChange update(Credential current, JsonNode body, Instant now) {
    if (current.archivedAt() != null) {
      throw new ApiException(
          ApiError.invalid("Credential " + current.id() + " is archived and cannot be changed."));
    }
    Field fields = Field.body(body);
    Field patch = fields.field("auth");
    AuthChange auth =
        patch.absent()
            ? new AuthChange(current.auth(), Map.of())
            : AuthRules.update(current.auth(), patch, now);
    String name = fields.field("display_name").optionalText(1, NAME_CHARS_MAX);
    Credential patched =
        new Credential(
            current.id(),
            current.vaultId(),
            auth.auth(),
            name == null ? current.displayName() : name,
            MetadataRules.update(current.metadata(), body, MetadataRules.EmptyValue.STORED),
            current.createdAt(),
            current.updatedAt(),
            null);
    return patched.equals(current) && auth.secrets().isEmpty()
        ? new CredentialChange(current, Map.of())
        : new CredentialChange(updated(patched, now), auth.secrets());
  }

  private static Credential updated(Credential credential, Instant now) {
    return new Credential(
        credential.id(),
        credential.vaultId(),
        credential.auth(),
        credential.displayName(),
        credential.metadata(),
        credential.createdAt(),
        now,
        null);
  }

  /// @param active how many active credentials the vault has
  /// @throws ApiException 400 when there is no room for one more
  public static void requireRoom(String vaultId, int active) {
    if (active >= ACTIVE_MAX) {
      throw new ApiException(
          ApiError.invalid(
              "Vault %s has %d credentials that are not archived, and may have at most %d."
                  .formatted(vaultId, active, ACTIVE_MAX)));
    }
  }

  /// @param active of the vault, without `credential`
  /// @throws ApiException 409 when one of them is for the same
  public static void requireFree(Credential credential, List<CredentialAuth> active) {
    Set<String> taken =
        active.stream()
            .flatMap(auth -> auth.purposes().stream())
            .map(Purpose::text)
            .collect(Collectors.toSet());
    for (Purpose purpose : credential.auth().purposes()) {
      if (taken.contains(purpose.text())) {
        throw taken(credential, purpose);
      }
    }
  }

  /// 409: another active credential of the vault is for the same.
  public static ApiException taken(Credential credential, Purpose purpose) {
    return new ApiException(
        ApiError.conflict(
            ("`auth.%s` is \"%s\", but another credential of vault %s that is not archived is for"
                    + " that already.")
                .formatted(purpose.field(), purpose.value(), credential.vaultId())));
  }

  /// 404: no credential of the vault has that id.
  public static ApiException missing(String vaultId, String id) {
    return new ApiException(
        ApiError.notFound("There is no credential " + id + " in vault " + vaultId + "."));
  }
}
