package io.steward.sandbox.topic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.sandbox.egress.KnownVaults;
import io.steward.schemas.agent.EnvironmentConfig.Unrestricted;
import io.steward.schemas.blob.DirectoryBlobStore;
import io.steward.schemas.id.Ids;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.Envelope;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.RecordSender;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.sandbox.SandboxAccess;
import io.steward.schemas.sandbox.SandboxEvent;
import io.steward.schemas.sandbox.SandboxNetwork;
import io.steward.schemas.vault.SandboxAuthority;
import io.steward.schemas.vault.VaultHead;
import io.steward.stage.Broker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Vaults on a real broker, and announcements to one that is away.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
class VaultTailTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final RecordFormat format;
  private final Broker broker;
  private final RecordSender sender;
  private final SessionId session = SessionId.random(0);

  VaultTailTest(@TempDir Path directory) throws Exception {
    format = new RecordFormat(new DirectoryBlobStore(directory.resolve("blobs")));
    broker = Broker.start(Files.createDirectories(directory.resolve("kafka")), 1);
    sender = KafkaOutbox.sender(broker.address());
  }

  @AfterAll
  void stop() {
    sender.close();
    broker.close();
  }

  private void send(String type, String key, Object value) {
    sender.send(
        format.encode(
            Topics.VAULTS,
            0,
            key,
            Envelope.of(Ids.random("rec_"), type, "/services/vault-proxy", key, Instant.EPOCH),
            Json.bytes(value)));
  }

  private static VaultHead head(String id, String... names) {
    return new VaultHead(
        id, "wrkspc_default", null, new VaultHead.Variables("salt", List.of(names)));
  }

  @Test
  void what_was_on_the_topic_when_asked_is_known() {
    KnownVaults known = new KnownVaults();
    send(VaultHead.TYPE, "vlt_1", head("vlt_1", "OLD"));
    try (VaultTail tail = new VaultTail(broker.address(), format, known)) {
      tail.start();
      assertTrue(tail.await(PATIENCE));
      assertEquals(
          List.of("OLD"), known.placeholders(session, List.of("vlt_1")).keySet().stream().toList());

      for (int i = 0; i < 20; i++) {
        send(VaultHead.TYPE, "vlt_1", head("vlt_1", "NEW" + i));

        assertTrue(tail.await(PATIENCE));
        assertEquals(
            List.of("NEW" + i),
            known.placeholders(session, List.of("vlt_1")).keySet().stream().toList());
      }
    }
  }

  @Test
  void authority_and_tombstones_are_taken_and_what_nobody_can_read_is_left_out() {
    KnownVaults known = new KnownVaults();
    send(VaultHead.TYPE, "vlt_2", head("vlt_2", "A"));
    send(VaultHead.TYPE, "vlt_3", List.of("no head"));
    sender.send(new ProducerRecord<>(Topics.VAULTS, 0, "vlt_4", new byte[] {'{'}));
    send(
        SandboxAuthority.TYPE,
        SandboxAuthority.RECORD_KEY,
        new SandboxAuthority("pem", Instant.EPOCH));
    sender.send(new ProducerRecord<>(Topics.VAULTS, 0, "vlt_2", null));

    try (VaultTail tail = new VaultTail(broker.address(), format, known)) {
      tail.start();
      assertTrue(tail.await(PATIENCE));
    }

    assertEquals(Optional.of("pem"), known.authority(Duration.ZERO));
    assertEquals(Map.of(), known.placeholders(session, List.of("vlt_2")));
  }

  @Test
  void a_broker_that_is_away_holds_nobody_up_for_ever() throws Exception {
    String nobody = "127.0.0.1:" + Broker.freePort();
    try (VaultTail tail = new VaultTail(nobody, format, new KnownVaults());
        RecordSender lost = KafkaOutbox.sender(nobody)) {
      tail.start();
      assertFalse(tail.await(Duration.ofMillis(100)));

      SandboxEvent event =
          new SandboxEvent(
              SandboxEvent.Type.STARTED,
              session,
              "sbx_1",
              "process",
              Instant.EPOCH,
              null,
              new SandboxAccess(
                  "0".repeat(64), "wrkspc_default", new Unrestricted(), SandboxNetwork.NONE));

      assertFalse(
          new KafkaOutbox(lost, format, InstantSource.system())
              .announce(event, Duration.ofMillis(100)));
    }
  }
}
