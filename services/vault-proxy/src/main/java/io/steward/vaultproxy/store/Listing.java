package io.steward.vaultproxy.store;

import io.steward.vaultproxy.vault.ListPosition;
import org.jspecify.annotations.Nullable;

/// The query of a page of a list, newest first.
///
/// @param select ends with a condition that has one parameter
/// @param owner that parameter
record Listing(String select, String owner) {
  String sql(boolean includeArchived, @Nullable ListPosition after) {
    return select
        + (includeArchived ? "" : " AND archived_at IS NULL")
        + (after == null ? "" : " AND (created_at, id) < (?, ?)")
        + " ORDER BY created_at DESC, id DESC LIMIT ?";
  }

  Object[] parameters(@Nullable ListPosition after, int count) {
    return after == null
        ? new Object[] {owner, count}
        : new Object[] {owner, after.createdAt(), after.id(), count};
  }
}
