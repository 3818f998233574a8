package io.steward.vaultproxy.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.steward.schemas.id.Ids;
import io.steward.vaultproxy.outbox.OutboxRelay;
import io.steward.vaultproxy.store.PostgresVaults;
import io.steward.vaultproxy.vault.ListPosition;
import io.steward.vaultproxy.vault.Vault;
import io.steward.vaultproxy.vault.VaultRules;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `/v1/vaults`. What is made, archived or deleted is answered when other services know of it, so
/// that a session may name a vault made a moment ago. Source: contract/platform.md §2.
@Singleton
class VaultRoutes {
  private static final String LIST = "vaults";
  private static final String ALL = "/v1/vaults";
  private static final String ONE = "/v1/vaults/{vault_id}";

  private final PostgresVaults vaults;
  private final OutboxRelay relay;
  private final InstantSource clock;

  VaultRoutes(PostgresVaults vaults, OutboxRelay relay, InstantSource clock) {
    this.vaults = vaults;
    this.relay = relay;
    this.clock = clock;
  }

  List<Route> routes() {
    return List.of(
        Route.post(ALL, this::create),
        Route.get(ALL, this::list),
        Route.get(ONE, request -> vaults.find(request.vaultId())),
        Route.post(ONE, this::update),
        Route.delete(ONE, this::delete),
        Route.post(ONE + "/archive", this::archive));
  }

  private Vault create(Request request) {
    return published(
        vaults.create(VaultRules.create(request.object(), Ids.random("vlt_"), clock.instant())));
  }

  private Vault archive(Request request) {
    return published(vaults.archive(request.vaultId(), clock.instant()));
  }

  private Vault published(Vault vault) {
    relay.awaitPublished(vault.id());
    return vault;
  }

  private Page list(Request request) {
    @Nullable ListPosition after = Cursor.read(request.query(), LIST);
    int limit = request.query().limit();
    return Page.of(
        LIST,
        vaults.list(request.query().includeArchived(), after, limit + 1),
        limit,
        last -> new ListPosition(last.createdAt(), last.id()));
  }

  private Vault update(Request request) {
    String id = request.vaultId();
    ObjectNode patch = request.object();
    Instant now = clock.instant();
    return vaults.change(id, current -> VaultRules.update(current, patch, now));
  }

  private Deleted delete(Request request) {
    String id = request.vaultId();
    vaults.delete(id);
    relay.awaitPublished(id);
    return new Deleted(id, "vault_deleted");
  }
}
