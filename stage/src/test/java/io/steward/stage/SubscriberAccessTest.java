package io.steward.stage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.kafka.BrokerAccess;
import io.steward.schemas.kafka.ProvisionTopics;
import io.steward.schemas.kafka.SubscriberAccess;
import io.steward.schemas.kafka.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What a subscriber may, on a real broker with ACLs.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
class SubscriberAccessTest {
  private static final Duration POLL = Duration.ofMillis(200);

  private final Path directory;
  private final Broker broker;

  SubscriberAccessTest(@TempDir Path directory) throws IOException {
    this.directory = directory;
    this.broker = Broker.withAccessControl(Files.createDirectories(directory.resolve("kafka")));
  }

  @AfterEach
  void forgetTheFile() {
    System.clearProperty(BrokerAccess.PROPERTY);
  }

  @AfterAll
  void stop() {
    broker.close();
  }

  @Test
  void it_reads_sessions_in_groups_of_its_own_and_does_nothing_else() throws Exception {
    be("owner");
    Map<String, String> job =
        Map.of(
            "KAFKA_BOOTSTRAP_SERVERS",
            broker.address(),
            "STEWARD_SESSION_PARTITIONS",
            "2",
            SubscriberAccess.PRINCIPAL,
            "User:guest");
    ProvisionTopics.provision(job);
    ProvisionTopics.provision(job);
    write(Topics.SESSION_EVENTS);
    be("guest");

    assertEquals(1, read("subscriber-1", Topics.SESSION_EVENTS));
    assertThrows(AuthorizationException.class, () -> read("harness", Topics.SESSION_EVENTS));
    assertThrows(AuthorizationException.class, () -> read("subscriber-1", Topics.SANDBOX_COMMANDS));
    assertThrows(AuthorizationException.class, () -> read("subscriber-1", Topics.VAULT_AUDIT));
    ExecutionException refused =
        assertThrows(ExecutionException.class, () -> write(Topics.SESSION_EVENTS));
    assertInstanceOf(AuthorizationException.class, refused.getCause());
  }

  @Test
  void a_name_that_cannot_be_is_refused_with_a_sentence() {
    assertTrue(refusal("reports", "").contains("must be one principal, such as User:reports."));
    assertTrue(refusal("User:*", "").contains("must be one principal"));
    assertTrue(refusal("User:a", "h*").contains("must be 1 to 100 letters"));
    assertTrue(refusal("User:a", "harn").contains("Steward's own group harness"));
  }

  private static String refusal(String principal, String prefix) {
    Map<String, String> environment =
        Map.of(SubscriberAccess.PRINCIPAL, principal, SubscriberAccess.GROUP_PREFIX, prefix);
    return String.valueOf(
        assertThrows(IllegalArgumentException.class, () -> SubscriberAccess.of(environment))
            .getMessage());
  }

  private int read(String group, String topic) {
    Map<String, Object> settings = BrokerAccess.settings();
    settings.put("bootstrap.servers", broker.address());
    settings.put("group.id", group);
    settings.put("auto.offset.reset", "earliest");
    settings.put("isolation.level", "read_committed");
    try (var consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.subscribe(List.of(topic));
      ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
      while (records.isEmpty()) {
        records = consumer.poll(POLL);
      }
      return records.count();
    }
  }

  private void write(String topic) throws Exception {
    Map<String, Object> settings = BrokerAccess.settings();
    settings.put("bootstrap.servers", broker.address());
    try (var producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      var _ = producer.send(new ProducerRecord<>(topic, 0, new byte[] {1}, new byte[] {1})).get();
    }
  }

  private void be(String user) throws IOException {
    Path file =
        Files.write(
            directory.resolve("client.properties"),
            List.of(
                "security.protocol=SASL_PLAINTEXT",
                "sasl.mechanism=PLAIN",
                "sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required"
                    + " username=\"%s\" password=\"%s\";".formatted(user, user)));
    System.setProperty(BrokerAccess.PROPERTY, file.toString());
  }
}
