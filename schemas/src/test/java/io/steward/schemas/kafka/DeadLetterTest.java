package io.steward.schemas.kafka;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

class DeadLetterTest {
  private static final int BYTES_MAX = 8 * 1024;

  private static ConsumerRecord<String, byte[]> record(
      String key, int valueBytes, int headerBytes) {
    ConsumerRecord<String, byte[]> record =
        new ConsumerRecord<>("agents", 0, 7, key, new byte[valueBytes]);
    record.headers().add("ce_id", new byte[headerBytes]);
    return record;
  }

  private static String reason(ProducerRecord<String, byte[]> letter) {
    return new String(
        letter.headers().lastHeader(DeadLetter.REASON_HEADER).value(), StandardCharsets.UTF_8);
  }

  @Test
  void a_letter_is_the_record_as_it_was_with_the_reason() {
    ConsumerRecord<String, byte[]> record = record("key", 5, 3);

    ProducerRecord<String, byte[]> letter = DeadLetter.of(record, "no type", BYTES_MAX);

    assertEquals("agents.dead-letter", letter.topic());
    assertEquals("key", letter.key());
    assertArrayEquals(new byte[5], letter.value());
    assertArrayEquals(new byte[3], letter.headers().lastHeader("ce_id").value());
    assertEquals("no type", reason(letter));
    assertNull(record.headers().lastHeader(DeadLetter.REASON_HEADER), "the record is untouched");
  }

  @Test
  void what_does_not_fit_is_left_out_the_value_first() {
    ProducerRecord<String, byte[]> noValue =
        DeadLetter.of(record("key", BYTES_MAX, 3), "large", BYTES_MAX);
    ProducerRecord<String, byte[]> noKey =
        DeadLetter.of(record("k".repeat(BYTES_MAX), 1, 3), "large", BYTES_MAX);
    ProducerRecord<String, byte[]> noHeaders =
        DeadLetter.of(record("key", 1, BYTES_MAX), "large", BYTES_MAX);

    assertEquals(0, noValue.value().length);
    assertEquals("key", noValue.key());
    assertNull(noKey.key());
    assertEquals(1, noKey.value().length);
    assertNull(noHeaders.headers().lastHeader("ce_id"));
    assertEquals("large", reason(noHeaders));
  }

  @Test
  void a_long_reason_is_cut() {
    ProducerRecord<String, byte[]> letter =
        DeadLetter.of(record("key", 1, 1), "r".repeat(5000), BYTES_MAX);

    assertEquals("r".repeat(DeadLetter.REASON_CHARS_MAX), reason(letter));
  }
}
