package io.steward.agentconfig.sessions;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.UnreadableRecordException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/// What a record of `session-events` says about the use of environments.
sealed interface SessionChange {
  /// Partition and offset of the record.
  int partition();

  long offset();

  record Created(
      int partition, long offset, String sessionId, String workspaceId, String environmentId)
      implements SessionChange {}

  /// The session is gone, and with it its hold on the environment.
  record Gone(int partition, long offset, String sessionId) implements SessionChange {}

  /// What the record says, or empty when it is about something else.
  ///
  /// @throws UnreadableRecordException when it should say something but cannot be read
  static Optional<SessionChange> read(ConsumerRecord<String, byte[]> record, RecordFormat format)
      throws UnreadableRecordException {
    if (record.value() == null) {
      String sessionId = record.key().substring(0, Math.max(0, record.key().indexOf('/')));
      return Optional.of(new Gone(record.partition(), record.offset(), sessionId));
    }
    Header type = record.headers().lastHeader("ce_type");
    return switch (type == null ? "" : new String(type.value(), StandardCharsets.UTF_8)) {
      case "session.created" -> Optional.of(created(record, format.decode(record)));
      case "session.deleted" -> {
        String sessionId = format.decode(record).envelope().subject();
        yield Optional.of(new Gone(record.partition(), record.offset(), sessionId));
      }
      default -> Optional.empty();
    };
  }

  private static Created created(
      ConsumerRecord<String, byte[]> record, RecordFormat.Decoded decoded)
      throws UnreadableRecordException {
    JsonNode environmentId = Json.tree(decoded.json()).path("environment").path("id");
    if (!environmentId.isTextual()) {
      throw new UnreadableRecordException("environment.id is missing");
    }
    return new Created(
        record.partition(),
        record.offset(),
        decoded.envelope().subject(),
        decoded.envelope().workspaceId(),
        environmentId.textValue());
  }
}
