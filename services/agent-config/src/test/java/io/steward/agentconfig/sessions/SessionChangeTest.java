package io.steward.agentconfig.sessions;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.steward.schemas.blob.DirectoryBlobStore;
import io.steward.schemas.kafka.Envelope;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.kafka.UnreadableRecordException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SessionChangeTest {
  private static final int PARTITION = 3;
  private static final long OFFSET = 41;
  private static final String SESSION = "sesn_01";

  private final RecordFormat format;

  SessionChangeTest(@TempDir Path blobs) {
    this.format = new RecordFormat(new DirectoryBlobStore(blobs));
  }

  private Optional<SessionChange> read(String type, String json) throws UnreadableRecordException {
    Envelope envelope = Envelope.of("rec_1", type, "/services/session-log", SESSION, Instant.EPOCH);
    ProducerRecord<String, byte[]> sent =
        format.encode(
            Topics.SESSION_EVENTS,
            PARTITION,
            SESSION + "/rec_1",
            envelope,
            json.getBytes(StandardCharsets.UTF_8));
    ConsumerRecord<String, byte[]> received =
        new ConsumerRecord<>(sent.topic(), PARTITION, OFFSET, sent.key(), sent.value());
    sent.headers().forEach(received.headers()::add);
    return SessionChange.read(received, format);
  }

  @Test
  void a_created_session_holds_its_environment() throws UnreadableRecordException {
    assertEquals(
        Optional.of(
            new SessionChange.Created(PARTITION, OFFSET, SESSION, "wrkspc_default", "env_1")),
        read("session.created", "{\"environment\":{\"id\":\"env_1\"}}"));
  }

  @Test
  void a_body_in_the_blob_store_is_read_too() throws UnreadableRecordException {
    String padding = "x".repeat(RecordFormat.INLINE_BYTES_MAX);

    assertEquals(
        Optional.of(
            new SessionChange.Created(PARTITION, OFFSET, SESSION, "wrkspc_default", "env_1")),
        read("session.created", "{\"p\":\"" + padding + "\",\"environment\":{\"id\":\"env_1\"}}"));
  }

  @Test
  void a_deleted_session_lets_go() throws UnreadableRecordException {
    assertEquals(
        Optional.of(new SessionChange.Gone(PARTITION, OFFSET, SESSION)),
        read("session.deleted", "{}"));
  }

  @Test
  void a_tombstone_lets_go() throws UnreadableRecordException {
    ConsumerRecord<String, byte[]> tombstone =
        new ConsumerRecord<>(Topics.SESSION_EVENTS, PARTITION, OFFSET, SESSION + "/rec_1", null);

    assertEquals(
        Optional.of(new SessionChange.Gone(PARTITION, OFFSET, SESSION)),
        SessionChange.read(tombstone, format));
  }

  @Test
  void everything_else_says_nothing() throws UnreadableRecordException {
    assertEquals(Optional.empty(), read("agent.message", "{}"));
  }

  @Test
  void a_created_session_without_an_environment_cannot_be_read() {
    assertThrows(UnreadableRecordException.class, () -> read("session.created", "{}"));
  }
}
