package io.steward.vaultproxy.http;

import io.steward.vaultproxy.audit.PostgresUses;
import io.steward.vaultproxy.audit.UseFilter;
import io.steward.vaultproxy.audit.UseFilter.Comparison;
import io.steward.vaultproxy.audit.UseFilter.TimeBound;
import io.steward.vaultproxy.vault.ListPosition;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// `/v1/vaults/{vault_id}/audit`: uses of a vault's credentials, newest first. Not in the contract;
/// see docs/audit.md.
@Singleton
class AuditRoutes {
  private final PostgresUses uses;

  AuditRoutes(PostgresUses uses) {
    this.uses = uses;
  }

  List<Route> routes() {
    return List.of(Route.get("/v1/vaults/{vault_id}/audit", this::list));
  }

  private Page list(Request request) {
    Query query = request.query();
    UseFilter filter =
        new UseFilter(
            request.vaultId(), query.id("credential_id"), query.id("session_id"), bounds(query));
    String list = "audit of " + filter.vaultId();
    @Nullable ListPosition after = Cursor.read(query, list);
    int limit = query.limit();
    return Page.of(
        list,
        uses.list(filter, after, limit + 1),
        limit,
        last -> new ListPosition(last.createdAt(), last.id()));
  }

  private static List<TimeBound> bounds(Query query) {
    List<TimeBound> bounds = new ArrayList<>();
    for (Comparison comparison : Comparison.values()) {
      String name = "created_at[" + comparison.name().toLowerCase(Locale.ROOT) + "]";
      @Nullable Instant time = query.time(name);
      if (time != null) {
        bounds.add(new TimeBound(comparison, time));
      }
    }
    return bounds;
  }
}
