package io.steward.sessionlog.catalog;

import static io.steward.sessionlog.Samples.T0;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.agent.Environment;
import io.steward.schemas.agent.EnvironmentConfig.SelfHostedConfig;
import io.steward.schemas.agent.EnvironmentKey;
import io.steward.schemas.blob.DirectoryBlobStore;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.Envelope;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.kafka.UnreadableRecordException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CatalogRecordsTest {
  private static final Environment LAB =
      new Environment(
          "env_1", "lab", null, new SelfHostedConfig(), Map.of(), "organization", T0, T0, null);
  private static final EnvironmentKey FIRST = new EnvironmentKey("envkey_1", "env_1", "aa", T0);
  private static final EnvironmentKey SECOND = new EnvironmentKey("envkey_2", "env_1", "bb", T0);
  private static final EnvironmentKey OTHERS = new EnvironmentKey("envkey_3", "env_11", "cc", T0);

  private final CatalogTables tables = new CatalogTables();
  private final RecordFormat format =
      new RecordFormat(new DirectoryBlobStore(Path.of("target/no-blobs")));
  private final CatalogRecords records = new CatalogRecords(tables, format);

  private void take(String key, String type, @Nullable Object body)
      throws UnreadableRecordException {
    ConsumerRecord<String, byte[]> record =
        new ConsumerRecord<>(
            Topics.ENVIRONMENTS, 0, 0, key, body == null ? null : Json.bytes(body));
    if (body != null) {
      ProducerRecord<String, byte[]> sent =
          format.encode(
              Topics.ENVIRONMENTS,
              0,
              key,
              Envelope.of("rec_1", type, "/test", key, T0),
              Json.bytes(body));
      sent.headers().forEach(record.headers()::add);
    }
    records.take(record);
  }

  private void take(EnvironmentKey key) throws UnreadableRecordException {
    take(key.environmentId() + "/" + key.id(), EnvironmentKey.TYPE, key);
  }

  private void tombstone(String key) throws UnreadableRecordException {
    take(key, "", null);
  }

  @Test
  void a_key_is_found_by_its_hash_until_its_tombstone() throws Exception {
    take(FIRST);
    take(FIRST);
    take(SECOND);
    Optional<EnvironmentKey> before = tables.environmentKey("aa");
    tombstone("env_1/envkey_1");
    tombstone("env_1/envkey_1");

    assertEquals(Optional.of(FIRST), before);
    assertEquals(Optional.empty(), tables.environmentKey("aa"));
    assertEquals(Optional.of(SECOND), tables.environmentKey("bb"));
    assertEquals(Optional.empty(), tables.environmentKey("dd"));
  }

  @Test
  void an_environment_takes_its_keys_with_it_and_no_others() throws Exception {
    take("env_1", "environment", LAB);
    take(FIRST);
    take(SECOND);
    take(OTHERS);
    tombstone("env_1");

    assertEquals(Optional.empty(), tables.environment("env_1"));
    assertEquals(Optional.empty(), tables.environmentKey("aa"));
    assertEquals(Optional.empty(), tables.environmentKey("bb"));
    assertEquals(Optional.of(OTHERS), tables.environmentKey("cc"));
  }

  @Test
  void an_archived_environment_keeps_its_keys() throws Exception {
    take("env_1", "environment", LAB);
    take(FIRST);
    take("env_1", "environment", LAB.archived(T0));

    assertEquals(Optional.of(FIRST), tables.environmentKey("aa"));
  }

  @Test
  void a_key_under_another_name_than_its_own_is_unreadable() {
    assertThrows(
        UnreadableRecordException.class, () -> take("env_1/else", EnvironmentKey.TYPE, FIRST));

    assertEquals(Optional.empty(), tables.environmentKey("aa"));
  }

  @Test
  void a_record_of_a_type_nobody_knows_changes_nothing() throws Exception {
    take("env_1", "environment", LAB);
    take("env_1", "environment.of_tomorrow", Map.of("a", 1));
    take("env_1/envkey_1", "environment.of_tomorrow", FIRST);

    assertTrue(tables.environment("env_1").isPresent());
    assertEquals(Optional.empty(), tables.environmentKey("aa"));
  }
}
