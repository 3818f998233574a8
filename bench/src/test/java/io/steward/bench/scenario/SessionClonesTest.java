package io.steward.bench.scenario;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

class SessionClonesTest {
  private static final String OLD = "Xk7QpR2mVb9TzLwYhNcA";
  private static final String NEW = "11111111111111111111";

  @Test
  void a_copy_is_the_record_under_another_id_in_the_same_partition() {
    ConsumerRecord<byte[], byte[]> record =
        new ConsumerRecord<>(
            "session-events",
            3,
            42,
            ("sesn_0114" + OLD + "/created").getBytes(UTF_8),
            ("{\"id\":\"sesn_0114" + OLD + "\",\"title\":\"Größe\"}").getBytes(UTF_8));
    record.headers().add("ce_subject", ("sesn_0114" + OLD).getBytes(UTF_8));
    record.headers().add("ce_type", "session.created".getBytes(UTF_8));

    ProducerRecord<byte[], byte[]> copy = SessionClones.copy(record, OLD, NEW);

    assertEquals("session-events", copy.topic());
    assertEquals(3, copy.partition());
    assertEquals("sesn_0114" + NEW + "/created", new String(copy.key(), UTF_8));
    assertEquals(
        "{\"id\":\"sesn_0114" + NEW + "\",\"title\":\"Größe\"}", new String(copy.value(), UTF_8));
    assertEquals("sesn_0114" + NEW, header(copy, "ce_subject"));
    assertEquals("session.created", header(copy, "ce_type"));
  }

  private static String header(ProducerRecord<byte[], byte[]> record, String name) {
    return new String(record.headers().lastHeader(name).value(), UTF_8);
  }
}
