package io.steward.vaultproxy.topic;

import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.Envelope;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.RecordSender;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.vault.CredentialUse;
import io.steward.vaultproxy.audit.AuditTopic;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;

/// Uses of credentials on the topic `vault-audit`, under their vault's id.
public final class KafkaAuditTopic implements AuditTopic, AutoCloseable {
  /// How long a send may take: less than a turn of the relay may.
  public static final Duration SEND_MAX = Duration.ofSeconds(9);

  private static final int REQUEST_BYTES_MAX = 64 * 1024;

  private final RecordSender sender;
  private final RecordFormat format;

  /// @param sendMax how long a send may take
  public KafkaAuditTopic(String bootstrapServers, RecordFormat format, Duration sendMax) {
    this.sender =
        new RecordSender(bootstrapServers, "vault-proxy-audit", REQUEST_BYTES_MAX, sendMax);
    this.format = format;
  }

  @Override
  public int publish(List<CredentialUse> uses) {
    return OrderedSends.send(sender, uses, use -> "use " + use.id(), this::record);
  }

  private ProducerRecord<String, byte[]> record(CredentialUse use) {
    SessionId session = use.sessionId();
    String vaultId = use.vaultId();
    String subject = session == null ? use.credentialId() : session.value();
    Envelope envelope =
        new Envelope(
            use.id(),
            CredentialUse.TYPE,
            KafkaOutbox.SOURCE,
            subject,
            use.createdAt(),
            use.workspaceId(),
            1,
            null);
    return format.encode(
        Topics.VAULT_AUDIT, -1, vaultId == null ? subject : vaultId, envelope, Json.bytes(use));
  }

  @Override
  public void close() {
    sender.close();
  }
}
