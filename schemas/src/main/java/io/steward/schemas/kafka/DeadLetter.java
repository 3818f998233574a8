package io.steward.schemas.kafka;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/// A record on the dead letter topic of its topic: as it was, with the reason.
public final class DeadLetter {
  /// The header that says why it is one.
  public static final String REASON_HEADER = "dead_letter_reason";

  /// The longest reason, in characters; the rest is left out.
  static final int REASON_CHARS_MAX = 1000;

  private DeadLetter() {}

  /// The letter for `record`. What does not fit is left out, the value first, then the key, then
  /// the headers, so that a letter can always be sent.
  ///
  /// @param bytesMax bytes of the whole letter, at least 8 kB
  public static ProducerRecord<String, byte[]> of(
      ConsumerRecord<String, byte[]> record, String reason, int bytesMax) {
    byte[] why =
        reason
            .substring(0, Math.min(reason.length(), REASON_CHARS_MAX))
            .getBytes(StandardCharsets.UTF_8);
    long left = bytesMax - (long) why.length;
    long headers = headerBytes(record);
    boolean withHeaders = headers <= left;
    left -= withHeaders ? headers : 0;
    long key = record.key() == null ? 0 : bytes(record.key());
    boolean withKey = key <= left;
    left -= withKey ? key : 0;
    ProducerRecord<String, byte[]> letter =
        new ProducerRecord<>(
            Topics.deadLetter(record.topic()),
            null,
            withKey ? record.key() : null,
            fits(record.value(), left) ? record.value() : new byte[0],
            withHeaders ? record.headers() : null);
    letter.headers().add(REASON_HEADER, why);
    return letter;
  }

  private static boolean fits(byte @Nullable [] value, long left) {
    return value == null || value.length <= left;
  }

  private static long headerBytes(ConsumerRecord<String, byte[]> record) {
    long bytes = 0;
    for (Header header : record.headers()) {
      bytes += bytes(header.key()) + (header.value() == null ? 0 : header.value().length);
    }
    return bytes;
  }

  private static long bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }
}
