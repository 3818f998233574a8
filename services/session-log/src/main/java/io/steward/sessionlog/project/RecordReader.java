package io.steward.sessionlog.project;

import io.steward.schemas.id.SessionId;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.UnreadableRecordException;
import io.steward.schemas.record.LoggedRecord;
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

  private final RecordFormat format;

  RecordReader(RecordFormat format) {
    this.format = format;
  }

  ReadRecord read(ConsumerRecord<String, byte[]> record) {
    String key = record.key() == null ? "" : record.key();
    int slash = key.indexOf('/');
    Optional<SessionId> session =
        slash < 0 ? Optional.empty() : SessionId.parse(key.substring(0, slash));
    if (record.value() == null || session.isEmpty()) {
      if (record.value() != null) {
        LOG.errorf("A record without a session in its key is ignored: %s", where(record));
      }
      return new Nothing();
    }
    String keyId = key.substring(slash + 1);
    try {
      return readable(record, session.get(), keyId);
    } catch (UnreadableRecordException e) {
      return unreadable(record, session.get(), keyId, String.valueOf(e.getMessage()));
    } catch (UncheckedIOException e) {
      if (e.getCause() instanceof NoSuchFileException) {
        return unreadable(record, session.get(), keyId, "its body is not in the blob store");
      }
      throw e;
    }
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
            RecordFormat.sessionRecord(decoded));
    return new Readable(logged, keyId, decoded, decoded.json() != record.value());
  }

  private static Unreadable unreadable(
      ConsumerRecord<String, byte[]> record, SessionId session, String keyId, String reason) {
    LOG.errorf("session_id=%s is set aside: %s is unreadable: %s", session, where(record), reason);
    return new Unreadable(session, keyId, record.offset(), reason);
  }

  private static String where(ConsumerRecord<String, byte[]> record) {
    return record.topic() + "-" + record.partition() + "@" + record.offset();
  }
}
