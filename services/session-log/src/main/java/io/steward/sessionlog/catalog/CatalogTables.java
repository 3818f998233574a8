package io.steward.sessionlog.catalog;

import io.steward.schemas.agent.Agent;
import io.steward.schemas.agent.Environment;
import io.steward.schemas.json.Json;
import io.steward.schemas.vault.VaultHead;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The newest records of `agents` and `environments`, as JSON, and of `vaults`, which take less
/// than 200 bytes each.
final class CatalogTables {
  private final Map<String, byte[]> versions = new ConcurrentHashMap<>();
  private final Map<String, Head> heads = new ConcurrentHashMap<>();
  private final Map<String, byte[]> environments = new ConcurrentHashMap<>();
  private final Map<String, VaultHead> vaults = new ConcurrentHashMap<>();

  /// The newest version of an agent.
  record Head(String id, int version, @Nullable Instant archivedAt) {}

  /// @param key agent id, slash, version
  void putVersion(String key, byte[] json) {
    versions.put(key, json);
  }

  /// A head with a lower version than the one known is old news.
  void putHead(Head head) {
    heads.merge(head.id(), head, (known, next) -> next.version() < known.version() ? known : next);
  }

  void putEnvironment(String id, byte[] json) {
    environments.put(id, json);
  }

  void removeEnvironment(String id) {
    environments.remove(id);
  }

  /// A vault that is archived stays so: a head that says otherwise is old news.
  void putVault(VaultHead head) {
    vaults.merge(
        head.id(),
        head,
        (known, next) -> known.archivedAt() != null && next.archivedAt() == null ? known : next);
  }

  void removeVault(String id) {
    vaults.remove(id);
  }

  Optional<VaultHead> vault(String id) {
    return Optional.ofNullable(vaults.get(id));
  }

  Optional<Agent> agent(String id, @Nullable Integer version) {
    Head head = heads.get(id);
    if (head == null) {
      return Optional.empty();
    }
    byte[] json = versions.get(id + "/" + (version == null ? head.version() : version));
    return Optional.ofNullable(json)
        .map(bytes -> Json.read(bytes, Agent.class).withArchivedAt(head.archivedAt()));
  }

  Optional<Environment> environment(String id) {
    return Optional.ofNullable(environments.get(id))
        .map(json -> Json.read(json, Environment.class));
  }
}
