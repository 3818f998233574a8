package io.steward.vaultproxy.topic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.blob.DirectoryBlobStore;
import io.steward.schemas.id.Ids;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.TopicProvisioning;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.vault.AuditRetention;
import io.steward.schemas.vault.CredentialUse;
import io.steward.schemas.vault.CredentialUse.Outcome;
import io.steward.schemas.vault.CredentialUse.Purpose;
import io.steward.stage.Broker;
import io.steward.stage.Relay;
import io.steward.vaultproxy.audit.AuditRelay;
import io.steward.vaultproxy.audit.PostgresUses;
import io.steward.vaultproxy.audit.UseQueue;
import io.steward.vaultproxy.postgres.Transactions;
import io.steward.vaultproxy.stage.Database;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Uses from a real PostgreSQL on a real broker, which may be away.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(180)
class KafkaAuditTopicTest {
  private static final Instant USED = Instant.parse("2026-01-02T03:04:05.678Z");
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration SEND_MAX = Duration.ofMillis(900);
  private static final SessionId SESSION = SessionId.random(1);

  private final Path directory;
  private final Database database;
  private final Relay toKafka;
  private final Broker broker;
  private final PostgresUses table;

  KafkaAuditTopicTest(@TempDir Path directory) throws Exception {
    this.directory = directory;
    database = Database.start();
    int port = Broker.freePort();
    toKafka = Relay.start(Broker.freePort(), port);
    broker =
        Broker.start(Files.createDirectories(directory.resolve("kafka")), 1, port, toKafka.port());
    table = new PostgresUses(new Transactions(database.source()));
  }

  @AfterAll
  void stop() throws Exception {
    broker.close();
    toKafka.close();
    database.close();
  }

  /// The part of an instance that keeps and publishes uses.
  private record Instance(UseQueue queue, AuditRelay relay, KafkaAuditTopic topic)
      implements AutoCloseable {
    @Override
    public void close() {
      queue.close();
      relay.close();
      topic.close();
    }
  }

  private Instance start() {
    KafkaAuditTopic topic =
        new KafkaAuditTopic(
            broker.address(),
            new RecordFormat(new DirectoryBlobStore(directory.resolve("blobs"))),
            SEND_MAX);
    AuditRelay relay = new AuditRelay(table, topic);
    UseQueue queue = new UseQueue(table, relay::wake);
    queue.start();
    relay.start();
    return new Instance(queue, relay, topic);
  }

  private static CredentialUse use(
      @Nullable String vaultId, String credentialId, @Nullable SessionId session) {
    return new CredentialUse(
        Ids.random("vuse_"),
        USED,
        "wrkspc_default",
        vaultId,
        credentialId,
        session,
        vaultId == null ? Purpose.GIT : Purpose.MCP,
        "a.example",
        443,
        true,
        Outcome.REFUSED,
        401);
  }

  private void awaitPublished() {
    await(() -> ask("SELECT count(*) FROM vault_proxy.credential_use WHERE NOT published") == 0);
  }

  private int ask(String sql) {
    try {
      return Integer.parseInt(database.ask(sql));
    } catch (java.sql.SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void await(BooleanSupplier condition) {
    long giveUpNanos = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() - giveUpNanos < 0, "it does not come true");
      LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
    }
  }

  /// What is on the topic of these uses, in its order.
  private List<ConsumerRecord<String, byte[]>> records(List<CredentialUse> uses) {
    TopicPartition partition = new TopicPartition(Topics.VAULT_AUDIT, 0);
    List<String> ids = uses.stream().map(CredentialUse::id).toList();
    List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();
    try (KafkaConsumer<String, byte[]> consumer =
        new KafkaConsumer<>(
            Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, broker.address()),
            new StringDeserializer(),
            new ByteArrayDeserializer())) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
      while (consumer.position(partition) < end) {
        consumer.poll(Duration.ofMillis(100)).forEach(records::add);
      }
    }
    return records.stream().filter(record -> ids.contains(header(record, "ce_id"))).toList();
  }

  private static String header(ConsumerRecord<String, byte[]> record, String name) {
    return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
  }

  private static CredentialUse use(ConsumerRecord<String, byte[]> record) {
    return Json.read(record.value(), CredentialUse.class);
  }

  @Test
  void uses_are_records_under_their_vault_or_else_their_session() {
    List<CredentialUse> uses =
        List.of(
            use("vlt_1", "vcrd_1", SESSION),
            use("vlt_2", "vcrd_2", null),
            use(null, "sec_1", SESSION));
    try (Instance instance = start()) {
      uses.forEach(instance.queue()::note);
      await(() -> ask("SELECT count(*) FROM vault_proxy.credential_use WHERE published") >= 3);
    }

    List<ConsumerRecord<String, byte[]>> records = records(uses);
    assertEquals(uses, records.stream().map(KafkaAuditTopicTest::use).toList());
    assertEquals(
        List.of("vlt_1", "vlt_2", SESSION.value()),
        records.stream().map(ConsumerRecord::key).toList());
    assertEquals(
        List.of(SESSION.value(), "vcrd_2", SESSION.value()),
        records.stream().map(record -> header(record, "ce_subject")).toList());
    assertEquals(CredentialUse.TYPE, header(records.getFirst(), "ce_type"));
    assertEquals("wrkspc_default", header(records.getFirst(), "ce_workspaceid"));
    assertEquals("/services/vault-proxy", header(records.getFirst(), "ce_source"));
  }

  @Test
  void while_kafka_is_away_uses_are_kept_and_come_later() throws Exception {
    List<CredentialUse> uses = new ArrayList<>();
    try (Instance instance = start()) {
      instance.queue().note(use("vlt_1", "vcrd_1", SESSION));
      awaitPublished();
      toKafka.hold();
      for (int i = 0; i < 20; i++) {
        uses.add(use("vlt_1", "away_" + i, SESSION));
      }
      uses.forEach(instance.queue()::note);
      await(() -> instance.relay().isFailing());
      assertTrue(instance.queue().hasRoom(), "credentials are used on");
      toKafka.restore();
      await(() ->
          ask(
                  "SELECT count(*) FROM vault_proxy.credential_use"
                      + " WHERE published AND credential_id LIKE 'away_%'")
              == uses.size());
    }

    List<CredentialUse> distinct =
        records(uses).stream().map(KafkaAuditTopicTest::use).distinct().toList();
    assertEquals(uses.size(), distinct.size());
    assertTrue(distinct.containsAll(uses));
  }

  @Test
  void the_topic_keeps_them_as_long_as_the_operator_says() throws Exception {
    String usual = retention();
    for (String wanted : List.of("72h", "forever")) {
      AuditRetention retention = AuditRetention.parse(wanted);
      TopicProvisioning.ensure(broker.address(), 1, (short) 1, retention);
      String expected = Long.toString(retention.retentionMs());
      await(() -> retention().equals(expected));
    }
    TopicProvisioning.ensure(broker.address(), 1, (short) 1);

    assertEquals(Long.toString(AuditRetention.USUAL.retentionMs()), usual);
  }

  private String retention() {
    ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, Topics.VAULT_AUDIT);
    try (Admin admin =
        Admin.create(Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, (Object) broker.address()))) {
      Config found =
          Objects.requireNonNull(admin.describeConfigs(List.of(topic)).all().get().get(topic));
      return found.get("retention.ms").value();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
