package io.steward.sessionlog.catalog;

import io.steward.schemas.agent.EnvironmentKey;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.kafka.UnreadableRecordException;
import io.steward.schemas.secret.SealingKey;
import io.steward.schemas.vault.SandboxAuthority;
import io.steward.schemas.vault.VaultHead;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jboss.logging.Logger;

/// What each record of the catalog's topics does to its tables. A type nobody here knows is of
/// another version's writer: it is passed over with a warning.
final class CatalogRecords {
  private static final Logger LOG = Logger.getLogger(CatalogRecords.class);
  private static final String AGENT_VERSION = "agent.version";
  private static final String AGENT_HEAD = "agent.head";
  private static final String ENVIRONMENT = "environment";

  private final CatalogTables tables;
  private final RecordFormat format;

  CatalogRecords(CatalogTables tables, RecordFormat format) {
    this.tables = tables;
    this.format = format;
  }

  void take(ConsumerRecord<String, byte[]> record) throws UnreadableRecordException {
    if (record.value() == null) {
      remove(record.topic(), record.key());
      return;
    }
    RecordFormat.Decoded decoded = format.decode(record);
    switch (decoded.envelope().type()) {
      case AGENT_VERSION -> tables.putVersion(record.key(), decoded.json());
      case AGENT_HEAD -> tables.putHead(Json.read(decoded.json(), CatalogTables.Head.class));
      case ENVIRONMENT -> tables.putEnvironment(record.key(), decoded.json());
      case EnvironmentKey.TYPE ->
          putKey(record.key(), Json.read(decoded.json(), EnvironmentKey.class));
      case VaultHead.TYPE -> tables.putVault(Json.read(decoded.json(), VaultHead.class));
      case SealingKey.TYPE, SandboxAuthority.TYPE -> {} // are no vaults
      default ->
          LOG.warnf(
              "A record of type %s on %s is ignored", decoded.envelope().type(), record.topic());
    }
  }

  /// A key that stands where its tombstone would not be could never be revoked.
  private void putKey(String recordKey, EnvironmentKey key) throws UnreadableRecordException {
    if (!recordKey.equals(key.environmentId() + "/" + key.id())) {
      throw new UnreadableRecordException("it is not under its environment and its id");
    }
    tables.putKey(recordKey, key);
  }

  private void remove(String topic, String key) {
    switch (topic) {
      case Topics.ENVIRONMENTS -> {
        if (key.indexOf('/') < 0) {
          tables.removeEnvironment(key);
        } else {
          tables.removeKey(key);
        }
      }
      case Topics.VAULTS -> tables.removeVault(key);
      default -> {} // agents are never removed
    }
  }
}
