package io.steward.schemas.kafka;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.blob.DirectoryBlobStore;
import io.steward.schemas.event.ContentBlock;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.record.LoggedRecord;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.trace.TraceContext;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is encoded is decoded again, large bodies included; what cannot be is said to be
/// unreadable.
class RecordFormatTest {
  private static final SessionId SESSION = new SessionId("sesn_0113abcdefghijkmnopqrstu");
  private static final Instant TIME = Instant.parse("2026-11-20T10:00:00.123456789Z");
  private static final Envelope ENVELOPE =
      new Envelope(
          "rec_01A",
          "user.message",
          "/services/session-log",
          SESSION.value(),
          TIME,
          "wrkspc_default",
          1,
          new TraceContext("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "vendor=1"));

  private final Path blobs;
  private final RecordFormat format;

  RecordFormatTest(@TempDir Path blobs) {
    this.blobs = blobs;
    this.format = new RecordFormat(new DirectoryBlobStore(blobs));
  }

  @Test
  void a_small_body_travels_in_the_record() throws Exception {
    byte[] json = bytes("{\"a\":1}");

    ProducerRecord<String, byte[]> sent = format.encode("topic", 3, "key", ENVELOPE, json);

    assertArrayEquals(json, sent.value());
    assertEquals(3, sent.partition());
    assertEquals("key", sent.key());
    RecordFormat.Decoded decoded = format.decode(received(sent));
    assertEquals(ENVELOPE, decoded.envelope());
    assertArrayEquals(json, decoded.json());
    assertFalse(decoded.mayIgnore());
  }

  @Test
  void no_partition_leaves_the_choice_to_the_key() {
    assertNull(format.encode("topic", -1, "key", ENVELOPE, bytes("{}")).partition());
  }

  @Test
  void a_body_at_the_limit_still_travels_in_the_record() {
    byte[] json = new byte[RecordFormat.INLINE_BYTES_MAX];

    ProducerRecord<String, byte[]> sent = format.encode("topic", 0, "key", ENVELOPE, json);

    assertEquals(RecordFormat.INLINE_BYTES_MAX, sent.value().length);
    assertNull(sent.headers().lastHeader("ce_dataref"));
  }

  @Test
  void a_body_above_the_limit_goes_to_the_blob_store_and_comes_back() throws Exception {
    byte[] json = large();

    ProducerRecord<String, byte[]> sent = format.encode("topic", 0, "key", ENVELOPE, json);

    assertEquals("{}", new String(sent.value(), StandardCharsets.UTF_8));
    assertEquals(SESSION + "/rec_01A", header(sent, "ce_dataref"));
    assertTrue(header(sent, "ce_datahash").matches("sha256:[0-9a-f]{64}"));
    assertArrayEquals(json, Files.readAllBytes(blobs.resolve(SESSION.value()).resolve("rec_01A")));
    assertArrayEquals(json, format.decode(received(sent)).json());
  }

  @Test
  void a_body_that_does_not_match_its_hash_is_unreadable() throws Exception {
    ProducerRecord<String, byte[]> sent = format.encode("topic", 0, "key", ENVELOPE, large());
    Files.write(blobs.resolve(SESSION.value()).resolve("rec_01A"), bytes("{\"other\":true}"));

    assertThrows(UnreadableRecordException.class, () -> format.decode(received(sent)));
  }

  @Test
  void a_missing_blob_is_a_failure_of_the_store_and_not_of_the_record() throws Exception {
    ProducerRecord<String, byte[]> sent = format.encode("topic", 0, "key", ENVELOPE, large());
    Files.delete(blobs.resolve(SESSION.value()).resolve("rec_01A"));

    assertThrows(UncheckedIOException.class, () -> format.decode(received(sent)));
  }

  @Test
  void a_record_without_headers_is_unreadable() {
    ConsumerRecord<String, byte[]> bare = new ConsumerRecord<>("topic", 0, 7, "key", bytes("{}"));

    UnreadableRecordException failure =
        assertThrows(UnreadableRecordException.class, () -> format.decode(bare));

    assertTrue(String.valueOf(failure.getMessage()).contains("ce_id"));
  }

  @Test
  void a_malformed_time_or_version_is_unreadable() {
    for (String name : List.of("ce_time", "ce_schemaversion")) {
      ProducerRecord<String, byte[]> sent = format.encode("t", 0, "key", ENVELOPE, bytes("{}"));
      sent.headers().remove(name).add(name, bytes("yesterday"));

      assertThrows(UnreadableRecordException.class, () -> format.decode(received(sent)), name);
    }
  }

  @Test
  void a_record_says_whether_it_may_be_ignored() throws Exception {
    ProducerRecord<String, byte[]> sent = format.encode("topic", 0, "key", ENVELOPE, bytes("{}"));
    sent.headers().add("ce_mayignore", bytes("true"));

    assertTrue(format.decode(received(sent)).mayIgnore());
  }

  @Test
  void a_session_record_goes_to_the_partition_its_session_carries() throws Exception {
    SessionRecord body =
        new SessionRecord.EventRecorded(
            new SessionEvent.UserMessage("sevt_1", List.of(new ContentBlock.Text("Hi")), null));

    ProducerRecord<String, byte[]> sent = format.encodeSession(SESSION, ENVELOPE, body);

    assertEquals(Topics.SESSION_EVENTS, sent.topic());
    assertEquals(SESSION.partition(), sent.partition());
    assertEquals(SESSION + "/rec_01A", sent.key());
    assertEquals(
        Optional.of(new LoggedRecord(SESSION, "rec_01A", 7, TIME, body, ENVELOPE.trace())),
        format.decodeSession(received(sent)));
  }

  @Test
  void a_large_session_record_comes_back_too() throws Exception {
    SessionRecord body =
        new SessionRecord.EventRecorded(
            new SessionEvent.UserMessage(
                "sevt_1",
                List.of(new ContentBlock.Text("x".repeat(RecordFormat.INLINE_BYTES_MAX))),
                null));

    ProducerRecord<String, byte[]> sent = format.encodeSession(SESSION, ENVELOPE, body);

    assertEquals(2, sent.value().length);
    assertEquals(body, format.decodeSession(received(sent)).orElseThrow().body());
  }

  @Test
  void a_tombstone_is_no_record() throws Exception {
    ConsumerRecord<String, byte[]> tombstone =
        record(SESSION + "/rec_01A", null, new RecordHeaders());

    assertEquals(Optional.empty(), format.decodeSession(tombstone));
  }

  @Test
  void an_unknown_type_is_kept_with_what_its_writer_said_about_it() throws Exception {
    Envelope later = Envelope.of("rec_1", "agent.dreamed", "/s", SESSION.value(), TIME);
    ProducerRecord<String, byte[]> sent = format.encode("t", 0, "key", later, bytes("{}"));

    assertEquals(
        new SessionRecord.Unrecognized("agent.dreamed", false),
        format.decodeSession(received(sent)).orElseThrow().body());

    sent.headers().add("ce_mayignore", bytes("true"));

    assertEquals(
        new SessionRecord.Unrecognized("agent.dreamed", true),
        format.decodeSession(received(sent)).orElseThrow().body());
  }

  @Test
  void a_record_of_a_later_schema_version_is_unrecognized() throws Exception {
    ProducerRecord<String, byte[]> sent = format.encode("t", 0, "key", ENVELOPE, bytes("{}"));
    sent.headers().remove("ce_schemaversion").add("ce_schemaversion", bytes("2"));

    assertEquals(
        new SessionRecord.Unrecognized(ENVELOPE.type(), false),
        format.decodeSession(received(sent)).orElseThrow().body());
  }

  @Test
  void a_reference_that_is_no_blob_key_is_unreadable() {
    ProducerRecord<String, byte[]> sent = format.encode("t", 0, "key", ENVELOPE, bytes("{}"));
    sent.headers().add("ce_dataref", bytes("../../etc/passwd"));

    assertThrows(UnreadableRecordException.class, () -> format.decode(received(sent)));
  }

  @Test
  void a_subject_that_is_no_session_is_unreadable() {
    Envelope foreign = Envelope.of("rec_1", "user.message", "/s", "agent_01A", TIME);
    ProducerRecord<String, byte[]> sent = format.encode("t", 0, "key", foreign, bytes("{}"));

    assertThrows(UnreadableRecordException.class, () -> format.decodeSession(received(sent)));
  }

  @Test
  void a_body_that_does_not_fit_its_type_is_unreadable_and_not_quoted() {
    ProducerRecord<String, byte[]> sent =
        format.encode("t", 0, "key", ENVELOPE, bytes("{\"type\":\"user.message\",\"content\":7}"));

    UnreadableRecordException failure =
        assertThrows(UnreadableRecordException.class, () -> format.decodeSession(received(sent)));

    assertEquals("the body does not fit the type user.message", failure.getMessage());
    assertInstanceOf(UncheckedIOException.class, failure.getCause());
  }

  @Test
  void an_envelope_without_a_trace_has_none_when_read() throws Exception {
    Envelope plain = Envelope.of("rec_1", "user.message", "/s", SESSION.value(), TIME);

    Envelope read =
        format.decode(received(format.encode("t", 0, "k", plain, bytes("{}")))).envelope();

    assertEquals(plain, read);
    assertNull(read.trace());
    assertEquals(Envelope.DEFAULT_WORKSPACE, read.workspaceId());
  }

  private static byte[] large() {
    return bytes("{\"a\":\"" + "x".repeat(RecordFormat.INLINE_BYTES_MAX) + "\"}");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String header(ProducerRecord<String, byte[]> record, String name) {
    return Envelope.optional(record.headers(), name).orElseThrow();
  }

  private static ConsumerRecord<String, byte[]> received(ProducerRecord<String, byte[]> sent) {
    return record(sent.key(), sent.value(), new RecordHeaders(sent.headers()));
  }

  private static ConsumerRecord<String, byte[]> record(
      String key, byte @Nullable [] value, RecordHeaders headers) {
    return new ConsumerRecord<>(
        "topic", 0, 7, 0L, TimestampType.CREATE_TIME, 0, 0, key, value, headers, Optional.empty());
  }
}
