package io.steward.vaultproxy.topic;

import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.Envelope;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.RecordSender;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.vault.VaultHead;
import io.steward.vaultproxy.outbox.OutboxRow;
import io.steward.vaultproxy.outbox.VaultTopic;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;

/// Vaults on the topic `vaults`, in its first partition, where readers look for them. A record that
/// is sent again has the same `ce_id`.
public final class KafkaVaultTopic implements VaultTopic, AutoCloseable {
  /// How long a send may take: less than a turn of the outbox may.
  public static final Duration SEND_MAX = Duration.ofSeconds(9);

  private static final int PARTITION = 0;
  private static final int REQUEST_BYTES_MAX = 64 * 1024;

  private final RecordSender sender;
  private final RecordFormat format;
  private final InstantSource clock;

  /// @param sendMax how long a send may take
  public KafkaVaultTopic(
      String bootstrapServers, RecordFormat format, InstantSource clock, Duration sendMax) {
    this.sender =
        new RecordSender(bootstrapServers, "vault-proxy-outbox", REQUEST_BYTES_MAX, sendMax);
    this.format = format;
    this.clock = clock;
  }

  @Override
  public int publish(List<OutboxRow> rows) {
    return OrderedSends.send(sender, rows, row -> "vault_id=" + row.vaultId(), this::record);
  }

  private ProducerRecord<String, byte[]> record(OutboxRow row) {
    VaultHead head = row.head();
    if (head == null) {
      return new ProducerRecord<>(Topics.VAULTS, PARTITION, row.vaultId(), null);
    }
    Envelope envelope =
        new Envelope(
            "rec_" + row.vaultId() + "_" + row.ticket(),
            VaultHead.TYPE,
            KafkaOutbox.SOURCE,
            row.vaultId(),
            clock.instant(),
            head.workspaceId(),
            1,
            null);
    return format.encode(Topics.VAULTS, PARTITION, row.vaultId(), envelope, Json.bytes(head));
  }

  @Override
  public void close() {
    sender.close();
  }
}
