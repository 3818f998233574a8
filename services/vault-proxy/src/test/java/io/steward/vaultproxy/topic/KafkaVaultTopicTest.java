package io.steward.vaultproxy.topic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.blob.DirectoryBlobStore;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.id.Ids;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.vault.VaultHead;
import io.steward.stage.Broker;
import io.steward.stage.Relay;
import io.steward.vaultproxy.outbox.OutboxRelay;
import io.steward.vaultproxy.outbox.PostgresOutbox;
import io.steward.vaultproxy.postgres.Transactions;
import io.steward.vaultproxy.seal.DataKeys;
import io.steward.vaultproxy.seal.KeyEncryptionKey;
import io.steward.vaultproxy.stage.Database;
import io.steward.vaultproxy.stage.Sealing;
import io.steward.vaultproxy.store.PostgresVaults;
import io.steward.vaultproxy.vault.Vault;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Vaults from a real PostgreSQL on a real broker, which may be away.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(180)
class KafkaVaultTopicTest {
  private static final Instant MADE = Instant.parse("2026-01-02T03:04:05.678Z");
  private static final Instant LATER = MADE.plusSeconds(60);
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration SEND_MAX = Duration.ofMillis(900);
  private static final TopicPartition PARTITION = new TopicPartition(Topics.VAULTS, 0);

  private final Path directory;
  private final Database database;
  private final Relay toKafka;
  private final Broker broker;
  private final PostgresVaults vaults;

  KafkaVaultTopicTest(@TempDir Path directory) throws Exception {
    this.directory = directory;
    database = Database.start();
    int port = Broker.freePort();
    toKafka = Relay.start(Broker.freePort(), port);
    broker =
        Broker.start(Files.createDirectories(directory.resolve("kafka")), 1, port, toKafka.port());
    vaults =
        new PostgresVaults(
            new Transactions(database.source()),
            new DataKeys(KeyEncryptionKey.read(Sealing.kek(directory, 1))));
  }

  @AfterAll
  void stop() throws Exception {
    broker.close();
    toKafka.close();
    database.close();
  }

  /// The part of an instance that publishes vaults.
  private record Instance(OutboxRelay relay, KafkaVaultTopic topic) implements AutoCloseable {
    @Override
    public void close() {
      relay.close();
      topic.close();
    }
  }

  private Instance start(Duration waitMax) {
    KafkaVaultTopic topic =
        new KafkaVaultTopic(
            broker.address(),
            new RecordFormat(new DirectoryBlobStore(directory.resolve("blobs"))),
            InstantSource.system(),
            SEND_MAX);
    OutboxRelay relay =
        new OutboxRelay(new PostgresOutbox(new Transactions(database.source())), topic, waitMax);
    relay.start();
    return new Instance(relay, topic);
  }

  private String vault() {
    return vaults.create(new Vault(Ids.random("vlt_"), "Ada", Map.of(), MADE, MADE, null)).id();
  }

  /// The records of a vault that are on the topic now.
  private List<ConsumerRecord<String, byte[]>> records(String vaultId) {
    List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();
    try (KafkaConsumer<String, byte[]> consumer =
        new KafkaConsumer<>(
            Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, broker.address()),
            new StringDeserializer(),
            new ByteArrayDeserializer())) {
      consumer.assign(List.of(PARTITION));
      consumer.seekToBeginning(List.of(PARTITION));
      long end = consumer.endOffsets(List.of(PARTITION)).getOrDefault(PARTITION, 0L);
      while (consumer.position(PARTITION) < end) {
        consumer.poll(Duration.ofMillis(100)).forEach(records::add);
      }
    }
    return records.stream().filter(record -> record.key().equals(vaultId)).toList();
  }

  private static String header(ConsumerRecord<String, byte[]> record, String name) {
    return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
  }

  /// The head without its variables, whose salt nobody can foresee.
  private static VaultHead head(ConsumerRecord<String, byte[]> record) {
    VaultHead head = Json.read(record.value(), VaultHead.class);
    return new VaultHead(head.id(), head.workspaceId(), head.archivedAt(), null);
  }

  @Test
  void a_vault_is_a_record_under_its_id_and_a_deleted_one_a_tombstone() {
    try (Instance instance = start(PATIENCE)) {
      String id = vault();
      instance.relay().awaitPublished(id);
      vaults.archive(id, LATER);
      instance.relay().awaitPublished(id);
      vaults.delete(id);
      instance.relay().awaitPublished(id);

      List<ConsumerRecord<String, byte[]>> records = records(id);
      assertEquals(3, records.size());
      assertEquals(VaultHead.TYPE, header(records.getFirst(), "ce_type"));
      assertEquals(id, header(records.getFirst(), "ce_subject"));
      assertEquals("wrkspc_default", header(records.getFirst(), "ce_workspaceid"));
      assertEquals(new VaultHead(id, "wrkspc_default", null, null), head(records.getFirst()));
      assertEquals(new VaultHead(id, "wrkspc_default", LATER, null), head(records.get(1)));
      assertNull(records.getLast().value());
    }
  }

  enum Away {
    REFUSING,
    HUNG
  }

  @ParameterizedTest
  @EnumSource
  void while_kafka_is_away_changes_are_503_and_the_newest_state_comes_by_itself(Away away)
      throws Exception {
    try (Instance instance = start(Duration.ofMillis(500))) {
      String known = vault();
      awaitPublished(instance, known);
      switch (away) {
        case REFUSING -> toKafka.refuse();
        case HUNG -> toKafka.hold();
      }
      String fresh = vault();
      ApiException refused =
          assertThrows(ApiException.class, () -> instance.relay().awaitPublished(fresh));
      vaults.archive(known, LATER);
      assertThrows(ApiException.class, () -> instance.relay().awaitPublished(known));
      toKafka.restore();
      awaitPublished(instance, fresh);
      awaitPublished(instance, known);

      assertEquals(503, refused.error().status());
      assertEquals(
          new VaultHead(fresh, "wrkspc_default", null, null), head(records(fresh).getLast()));
      assertEquals(
          new VaultHead(known, "wrkspc_default", LATER, null), head(records(known).getLast()));
      assertEquals("0", database.ask("SELECT count(*) FROM vault_proxy.vault_outbox"));
    }
  }

  private static void awaitPublished(Instance instance, String vaultId) {
    long giveUpNanos = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try {
        instance.relay().awaitPublished(vaultId);
        return;
      } catch (ApiException e) {
        assertTrue(System.nanoTime() - giveUpNanos < 0, e::toString);
      }
    }
  }
}
