package io.steward.sessionlog.project;

import io.steward.schemas.id.SessionId;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.UnreadableRecordException;
import io.steward.schemas.record.LoggedRecord;
import io.steward.sessionlog.SessionLogMetrics;
import io.steward.sessionlog.project.ReadRecord.Nothing;
import io.steward.sessionlog.project.ReadRecord.Readable;
import io.steward.sessionlog.project.ReadRecord.Unreadable;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jboss.logging.Logger;

/// Reads what is on `session-events`. A blob store that does not answer is an outage and thrown; a
/// blob that is gone makes its record unreadable.
final class RecordReader {
  private static final Logger LOG = Logger.getLogger(RecordReader.class);

  /// Why a record is unreadable whose blob is gone.
  static final String NO_BODY = "its body is not in the blob store";

  private final RecordFormat format;
  private final SessionLogMetrics metrics;

  RecordReader(RecordFormat format, SessionLogMetrics metrics) {
    this.format = format;
    this.metrics = metrics;
  }

  ReadRecord read(ConsumerRecord<String, byte[]> record) {
    Optional<SessionId> session = session(record);
    if (record.value() == null || session.isEmpty()) {
      if (record.value() != null) {
        LOG.errorf("A record without a session in its key is ignored: %s", where(record));
        metrics.unreadable(record.topic());
      }
      return new Nothing();
    }
    String keyId = keyId(record);
    try {
      return readable(record, session.get(), keyId);
    } catch (UnreadableRecordException e) {
      return unreadable(record, session.get(), keyId, String.valueOf(e.getMessage()));
    } catch (UncheckedIOException e) {
      if (e.getCause() instanceof NoSuchFileException) {
        return unreadable(record, session.get(), keyId, NO_BODY);
      }
      throw e;
    }
  }

  /// The session in the key.
  static Optional<SessionId> session(ConsumerRecord<String, byte[]> record) {
    String key = record.key() == null ? "" : record.key();
    int slash = key.indexOf('/');
    return slash < 0 ? Optional.empty() : SessionId.parse(key.substring(0, slash));
  }

  /// The second half of the key.
  static String keyId(ConsumerRecord<String, byte[]> record) {
    return record.key().substring(record.key().indexOf('/') + 1);
  }

  private Readable readable(ConsumerRecord<String, byte[]> record, SessionId session, String keyId)
      throws UnreadableRecordException {
    RecordFormat.Decoded decoded = format.decode(record);
    if (!decoded.envelope().subject().equals(session.value())) {
      throw new UnreadableRecordException("ce_subject is not the session of the key");
    }
    LoggedRecord logged =
        new LoggedRecord(
            session,
            decoded.envelope().id(),
            record.offset(),
            decoded.envelope().time(),
            RecordFormat.sessionRecord(decoded),
            decoded.envelope().trace());
    return new Readable(logged, keyId, decoded, decoded.json() != record.value());
  }

  /// The record as one that nobody can read.
  Unreadable unreadable(
      ConsumerRecord<String, byte[]> record, SessionId session, String keyId, String reason) {
    metrics.unreadable(record.topic());
    LOG.errorf("session_id=%s is set aside: %s is unreadable: %s", session, where(record), reason);
    return new Unreadable(session, keyId, record.offset(), reason);
  }

  private static String where(ConsumerRecord<String, byte[]> record) {
    return record.topic() + "-" + record.partition() + "@" + record.offset();
  }
}
