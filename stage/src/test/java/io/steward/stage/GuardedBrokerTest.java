package io.steward.stage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.kafka.BrokerAccess;
import io.steward.schemas.kafka.ProvisionTopics;
import io.steward.schemas.kafka.RecordSender;
import io.steward.schemas.kafka.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The job that makes the topics, and a sender, on a real broker that asks who they are.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
class GuardedBrokerTest {
  private static final String PASSWORD = "canary-5f1c";

  private final Path directory;
  private final Broker broker;

  GuardedBrokerTest(@TempDir Path directory) throws IOException {
    this.directory = directory;
    this.broker =
        Broker.guarded(Files.createDirectories(directory.resolve("kafka")), "steward", PASSWORD);
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
  void the_job_makes_the_topics_with_what_the_file_says_and_does_nothing_the_second_time()
      throws Exception {
    use("security.protocol=SASL_PLAINTEXT", "sasl.mechanism=PLAIN", login(PASSWORD));

    ProvisionTopics.provision(job("STEWARD_SESSION_PARTITIONS", "3"));
    ProvisionTopics.provision(job("STEWARD_SESSION_PARTITIONS", "3"));

    TopicDescription made = describe(Topics.SESSION_EVENTS);
    assertEquals(3, made.partitions().size());
    try (RecordSender sender = new RecordSender(broker.address(), "test", 1024 * 1024)) {
      sender.send(new ProducerRecord<>(Topics.AGENTS, "key", new byte[] {1}));
    }
  }

  @Test
  void a_wrong_password_is_a_sentence_that_does_not_repeat_it() throws IOException {
    use("security.protocol=SASL_PLAINTEXT", "sasl.mechanism=PLAIN", login(PASSWORD + "-wrong"));

    IllegalStateException refusal =
        assertThrows(
            IllegalStateException.class,
            () -> ProvisionTopics.provision(job("STEWARD_SESSION_PARTITIONS", "3")));

    assertTrue(String.valueOf(refusal.getMessage()).contains("Kafka did not answer"));
    assertFalse(String.valueOf(refusal.getMessage()).contains(PASSWORD));
  }

  @Test
  void a_file_may_not_set_what_is_not_about_access() throws IOException {
    use("isolation.level=canary");

    IllegalStateException refusal =
        assertThrows(IllegalStateException.class, BrokerAccess::settings);

    assertTrue(String.valueOf(refusal.getMessage()).contains("sets isolation.level;"));
    assertFalse(String.valueOf(refusal.getMessage()).contains("canary"));
  }

  @Test
  void a_file_that_is_not_there_is_named() {
    System.setProperty(BrokerAccess.PROPERTY, directory.resolve("nowhere").toString());

    IllegalStateException refusal =
        assertThrows(IllegalStateException.class, BrokerAccess::settings);

    assertTrue(String.valueOf(refusal.getMessage()).contains("nowhere, which cannot be read."));
  }

  @Test
  void a_wrong_setting_of_the_job_is_named_with_its_rule() {
    IllegalArgumentException refusal =
        assertThrows(
            IllegalArgumentException.class,
            () -> ProvisionTopics.provision(job("STEWARD_TOPIC_REPLICATION", "0")));

    assertEquals(
        "STEWARD_TOPIC_REPLICATION is \"0\"; it must be a number from 1 to 100.",
        refusal.getMessage());
  }

  private Map<String, String> job(String name, String value) {
    return Map.of("KAFKA_BOOTSTRAP_SERVERS", broker.address(), name, value);
  }

  private static String login(String password) {
    return "sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required"
        + " username=\"steward\" password=\""
        + password
        + "\";";
  }

  private void use(String... lines) throws IOException {
    Path file = Files.write(directory.resolve("client.properties"), List.of(lines));
    System.setProperty(BrokerAccess.PROPERTY, file.toString());
  }

  private TopicDescription describe(String topic) throws Exception {
    Map<String, Object> settings = BrokerAccess.settings();
    settings.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, broker.address());
    try (Admin admin = Admin.create(settings)) {
      var all = admin.describeTopics(List.of(topic)).allTopicNames().get(30, TimeUnit.SECONDS);
      return Objects.requireNonNull(all.get(topic));
    }
  }
}
