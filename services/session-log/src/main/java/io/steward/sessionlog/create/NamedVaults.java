package io.steward.sessionlog.create;

import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.vault.VaultHead;
import io.steward.sessionlog.http.Field;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// The vaults a request for a session names, in order: the first one with a credential for a server
/// is used. Source: contract/core.md §5.2, §5.4.
///
/// @param ids the ids and where they stand, each once
record NamedVaults(List<Field> ids) {
  /// How many vaults a session may have.
  static final int VAULTS_MAX = 100;

  private static final int ID_CHARS_MAX = 255;

  /// What `vault_ids` names, before anything was looked up.
  ///
  /// @throws ApiException 400 when it is no list of different ids
  static NamedVaults read(Field vaultIds) {
    List<Field> ids = vaultIds.absent() ? List.of() : vaultIds.elements(0, VAULTS_MAX);
    Map<String, String> first = new HashMap<>();
    for (Field id : ids) {
      String earlier = first.putIfAbsent(id.text(1, ID_CHARS_MAX), id.path());
      if (earlier != null) {
        throw id.refused("`" + earlier + "` is the same vault, and each may be named only once");
      }
    }
    return new NamedVaults(ids);
  }

  /// The ids, when a new session may use all of these vaults.
  ///
  /// @param vaults finds vaults
  /// @throws ApiException 404 when there is no such vault, 400 when it is archived
  List<String> require(Function<String, Optional<VaultHead>> vaults) {
    return ids.stream().map(id -> require(id, vaults)).toList();
  }

  private static String require(Field field, Function<String, Optional<VaultHead>> vaults) {
    String id = field.text(1, ID_CHARS_MAX);
    VaultHead vault =
        vaults
            .apply(id)
            .orElseThrow(() ->
                new ApiException(
                    ApiError.notFound(
                        "`" + field.path() + "` is \"" + id + "\", but there is no such vault.")));
    if (vault.archivedAt() != null) {
      throw field.refused("this vault is archived and cannot be given to new sessions");
    }
    return id;
  }
}
