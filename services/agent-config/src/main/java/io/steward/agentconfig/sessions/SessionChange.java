package io.steward.agentconfig.sessions;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.UnreadableRecordException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
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
  /// @throws UncheckedIOException when the blob store does not answer; the record may be fine
  static Optional<SessionChange> read(ConsumerRecord<String, byte[]> record, RecordFormat format)
      throws UnreadableRecordException {
    if (record.value() == null) {
      String sessionId =
          storable(record.key().substring(0, Math.max(0, record.key().indexOf('/'))));
      return Optional.of(new Gone(record.partition(), record.offset(), sessionId));
    }
    Header type = record.headers().lastHeader("ce_type");
    return switch (type == null ? "" : new String(type.value(), StandardCharsets.UTF_8)) {
      case "session.created" -> Optional.of(created(record, decode(record, format)));
      case "session.deleted" -> {
        String sessionId = storable(decode(record, format).envelope().subject());
        yield Optional.of(new Gone(record.partition(), record.offset(), sessionId));
      }
      default -> Optional.empty();
    };
  }

  /// A body the blob store has lost never comes back.
  private static RecordFormat.Decoded decode(
      ConsumerRecord<String, byte[]> record, RecordFormat format) throws UnreadableRecordException {
    try {
      return format.decode(record);
    } catch (UncheckedIOException e) {
      if (e.getCause() instanceof NoSuchFileException) {
        throw new UnreadableRecordException("the blob store does not have its body", e);
      }
      throw e;
    }
  }

  private static Created created(
      ConsumerRecord<String, byte[]> record, RecordFormat.Decoded decoded)
      throws UnreadableRecordException {
    JsonNode environmentId;
    try {
      environmentId = Json.tree(decoded.json()).path("environment").path("id");
    } catch (UncheckedIOException e) {
      throw new UnreadableRecordException("the body is not JSON", e);
    }
    if (!environmentId.isTextual()) {
      throw new UnreadableRecordException("environment.id is missing");
    }
    return new Created(
        record.partition(),
        record.offset(),
        storable(decoded.envelope().subject()),
        storable(decoded.envelope().workspaceId()),
        storable(environmentId.textValue()));
  }

  /// PostgreSQL keeps any text but one with a zero in it.
  private static String storable(String id) throws UnreadableRecordException {
    if (id.indexOf('\0') >= 0) {
      throw new UnreadableRecordException("an id holds the character 0");
    }
    return id;
  }
}
