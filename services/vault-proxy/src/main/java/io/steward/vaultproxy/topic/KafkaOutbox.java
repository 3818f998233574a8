package io.steward.vaultproxy.topic;

import io.steward.schemas.egress.McpToolList;
import io.steward.schemas.egress.RepositoryResult;
import io.steward.schemas.id.Ids;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.Envelope;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.RecordSender;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.sandbox.ToolResult;
import io.steward.schemas.secret.SealingKey;
import io.steward.schemas.trace.TraceContext;
import io.steward.schemas.vault.SandboxAuthority;
import io.steward.vaultproxy.call.Answers;
import io.steward.vaultproxy.mcp.ToolLists;
import io.steward.vaultproxy.repository.Results;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import org.apache.kafka.common.KafkaException;
import org.jboss.logging.Logger;

/// Results on `tool-results`, in the session's partition, and the public key and the certificate
/// authority on `vaults`.
public final class KafkaOutbox implements Results, Answers, ToolLists {
  static final String SOURCE = "/services/vault-proxy";

  private static final Logger LOG = Logger.getLogger(KafkaOutbox.class);
  private static final int REQUEST_BYTES_MAX = 1024 * 1024;

  private final RecordSender sender;
  private final RecordFormat format;
  private final InstantSource clock;

  public KafkaOutbox(RecordSender sender, RecordFormat format, InstantSource clock) {
    this.sender = sender;
    this.format = format;
    this.clock = clock;
  }

  /// The service's way out to Kafka.
  public static RecordSender sender(String bootstrapServers) {
    return new RecordSender(bootstrapServers, "vault-proxy", REQUEST_BYTES_MAX);
  }

  @Override
  public boolean send(String workspaceId, RepositoryResult result) {
    return send(workspaceId, RepositoryResult.TYPE, result.sessionId(), result);
  }

  @Override
  public boolean send(String workspaceId, ToolResult result) {
    return send(workspaceId, ToolResult.TYPE, result.sessionId(), result);
  }

  @Override
  public boolean send(String workspaceId, McpToolList list) {
    return send(workspaceId, McpToolList.TYPE, list.sessionId(), list);
  }

  private boolean send(String workspaceId, String type, SessionId session, Object result) {
    Envelope envelope =
        new Envelope(
            Ids.random("rec_"),
            type,
            SOURCE,
            session.value(),
            clock.instant(),
            workspaceId,
            1,
            TraceContext.current().orElse(null));
    try {
      sender.send(
          format.encode(
              Topics.TOOL_RESULTS,
              session.partition(),
              session.value(),
              envelope,
              Json.bytes(result)));
      return true;
    } catch (KafkaException | UncheckedIOException e) {
      LOG.warnf("result could not be sent session_id=%s: %s", session, e);
      return false;
    }
  }

  /// Publishes the key to seal with, and waits until it is safe.
  ///
  /// @throws KafkaException when it is not
  void publish(SealingKey key) {
    publish(SealingKey.TYPE, SealingKey.RECORD_KEY, key);
  }

  /// Publishes what sandboxes have to trust, and waits until it is safe.
  ///
  /// @throws KafkaException when it is not
  void publish(SandboxAuthority authority) {
    publish(SandboxAuthority.TYPE, SandboxAuthority.RECORD_KEY, authority);
  }

  private void publish(String type, String recordKey, Object body) {
    Envelope envelope = Envelope.of(Ids.random("rec_"), type, SOURCE, recordKey, clock.instant());
    sender.send(format.encode(Topics.VAULTS, -1, recordKey, envelope, Json.bytes(body)));
  }
}
