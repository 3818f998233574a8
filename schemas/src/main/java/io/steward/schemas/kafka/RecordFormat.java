package io.steward.schemas.kafka;

import io.steward.schemas.blob.BlobStore;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.record.LoggedRecord;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.record.SessionRecordCodec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/// Between an envelope with JSON and a Kafka record. A body above [#INLINE_BYTES_MAX] goes to the
/// blob store; the record then carries `ce_dataref` and the SHA-256 of the body, and readers get
/// the body back as if it had been in the record.
public final class RecordFormat {
  /// The largest body a record carries itself, in bytes.
  public static final int INLINE_BYTES_MAX = 256 * 1024;

  /// The newest version of the records' JSON this code can read.
  public static final int SCHEMA_VERSION = 1;

  private static final byte[] EMPTY_OBJECT = "{}".getBytes(StandardCharsets.UTF_8);

  private final BlobStore blobs;

  public RecordFormat(BlobStore blobs) {
    this.blobs = blobs;
  }

  /// An envelope and the JSON that belongs to it.
  public record Decoded(Envelope envelope, boolean mayIgnore, byte[] json) {}

  /// The record to send. A partition below 0 leaves the choice to the key.
  ///
  /// @throws UncheckedIOException when the body is large and the blob store does not take it
  public ProducerRecord<String, byte[]> encode(
      String topic, int partition, String key, Envelope envelope, byte[] json) {
    boolean inline = json.length <= INLINE_BYTES_MAX;
    ProducerRecord<String, byte[]> record =
        new ProducerRecord<>(
            topic, partition < 0 ? null : partition, key, inline ? json : EMPTY_OBJECT);
    envelope.writeTo(record.headers());
    if (!inline) {
      String reference = envelope.subject() + "/" + envelope.id();
      try {
        blobs.put(reference, json);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      Envelope.add(record.headers(), Envelope.DATAREF, reference);
      Envelope.add(record.headers(), Envelope.DATAHASH, "sha256:" + sha256(json));
    }
    return record;
  }

  /// The envelope and JSON of a record that is not a tombstone.
  ///
  /// @throws UnreadableRecordException when headers are missing or the body does not match its hash
  /// @throws UncheckedIOException when the blob store cannot be read; the record may be fine
  public Decoded decode(ConsumerRecord<String, byte[]> record) throws UnreadableRecordException {
    Envelope envelope = Envelope.readFrom(record.headers());
    boolean mayIgnore = Envelope.mayIgnore(record.headers());
    Optional<String> reference = Envelope.optional(record.headers(), Envelope.DATAREF);
    if (reference.isEmpty()) {
      return new Decoded(envelope, mayIgnore, record.value());
    }
    byte[] json;
    try {
      json = blobs.get(reference.get());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (IllegalArgumentException e) {
      throw new UnreadableRecordException("ce_dataref is not a blob key", e);
    }
    String hash = Envelope.optional(record.headers(), Envelope.DATAHASH).orElse("");
    if (!hash.equals("sha256:" + sha256(json))) {
      throw new UnreadableRecordException("the body in the blob store does not match its hash");
    }
    return new Decoded(envelope, mayIgnore, json);
  }

  /// A record of `session-events`, ready to send to the session's partition.
  public ProducerRecord<String, byte[]> encodeSession(
      SessionId session, Envelope envelope, SessionRecord body) {
    return encode(
        Topics.SESSION_EVENTS,
        session.partition(),
        session.value() + "/" + envelope.id(),
        envelope,
        SessionRecordCodec.json(body));
  }

  /// The record of `session-events`, or empty for a tombstone.
  ///
  /// @throws UnreadableRecordException when it is not in the form of the topic
  public Optional<LoggedRecord> decodeSession(ConsumerRecord<String, byte[]> record)
      throws UnreadableRecordException {
    if (record.value() == null) {
      return Optional.empty();
    }
    Decoded decoded = decode(record);
    SessionId session =
        SessionId.parse(decoded.envelope().subject())
            .orElseThrow(() -> new UnreadableRecordException("ce_subject is not a session id"));
    return Optional.of(
        new LoggedRecord(
            session,
            decoded.envelope().id(),
            record.offset(),
            decoded.envelope().time(),
            sessionRecord(decoded),
            decoded.envelope().trace()));
  }

  /// What a record of `session-events` says. A schema version above [#SCHEMA_VERSION] is a record
  /// of a later Steward.
  ///
  /// @throws UnreadableRecordException when the JSON does not fit the type
  public static SessionRecord sessionRecord(Decoded decoded) throws UnreadableRecordException {
    String type = decoded.envelope().type();
    if (decoded.envelope().schemaVersion() > SCHEMA_VERSION) {
      return new SessionRecord.Unrecognized(type, decoded.mayIgnore());
    }
    try {
      return SessionRecordCodec.decode(type, decoded.mayIgnore(), decoded.json());
    } catch (UncheckedIOException e) {
      throw new UnreadableRecordException("the body does not fit the type " + type, e);
    }
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
