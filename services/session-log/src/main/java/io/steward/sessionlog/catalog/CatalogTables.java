package io.steward.sessionlog.catalog;

import io.steward.schemas.agent.Agent;
import io.steward.schemas.agent.Environment;
import io.steward.schemas.agent.EnvironmentKey;
import io.steward.schemas.json.Json;
import io.steward.schemas.vault.VaultHead;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The newest records of `agents` and `environments`, as JSON, and keys of environments and
/// `vaults`, which take less than 300 bytes each.
final class CatalogTables {
  private final Map<String, byte[]> versions = new ConcurrentHashMap<>();
  private final Map<String, Head> heads = new ConcurrentHashMap<>();
  private final Map<String, byte[]> environments = new ConcurrentHashMap<>();
  private final Map<String, EnvironmentKey> keys = new ConcurrentHashMap<>();
  private final Map<String, EnvironmentKey> keysByHash = new ConcurrentHashMap<>();
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

  /// Removes an environment, and its keys should one be left.
  void removeEnvironment(String id) {
    environments.remove(id);
    keys.keySet().stream().filter(key -> key.startsWith(id + "/")).forEach(this::removeKey);
  }

  /// @param recordKey environment id, slash, key id
  void putKey(String recordKey, EnvironmentKey key) {
    removeKey(recordKey);
    keys.put(recordKey, key);
    keysByHash.put(key.sha256(), key);
  }

  void removeKey(String recordKey) {
    EnvironmentKey removed = keys.remove(recordKey);
    if (removed != null) {
      keysByHash.remove(removed.sha256());
    }
  }

  Optional<EnvironmentKey> environmentKey(String sha256) {
    return Optional.ofNullable(keysByHash.get(sha256));
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
