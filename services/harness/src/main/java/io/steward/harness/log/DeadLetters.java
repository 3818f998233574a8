package io.steward.harness.log;

import io.steward.harness.metric.Metrics;
import io.steward.schemas.kafka.DeadLetter;
import io.steward.schemas.kafka.Topics;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.jboss.logging.Logger;

/// Where records go that cannot be read. Those of `tool-results` are kept with the reason; those of
/// `session-events` stay where they are, because they set their session aside (ADR 11), and an
/// answer of session-log is asked for again.
public final class DeadLetters {
  private static final Logger LOG = Logger.getLogger(DeadLetters.class);
  private static final int LETTER_BYTES_MAX = 2 * 1024 * 1024;

  private final Producer<String, byte[]> producer;
  private final Metrics metrics;

  public DeadLetters(Producer<String, byte[]> producer, Metrics metrics) {
    this.producer = producer;
    this.metrics = metrics;
  }

  /// Takes in a record that cannot be read. A letter that cannot be sent is given up: the record
  /// itself is on its topic for days.
  public void add(ConsumerRecord<String, byte[]> record, String reason) {
    LOG.errorf(
        "A record cannot be read topic=%s partition=%d offset=%d key=%s: %s",
        record.topic(), record.partition(), record.offset(), record.key(), reason);
    metrics.recordUnreadable(record.topic());
    if (record.topic().equals(Topics.TOOL_RESULTS)) {
      try {
        var _ =
            producer.send(
                DeadLetter.of(record, reason, LETTER_BYTES_MAX),
                (_, failure) -> {
                  if (failure != null) {
                    LOG.warnf("A dead letter could not be sent: %s", failure);
                  }
                });
      } catch (KafkaException e) {
        LOG.warnf("A dead letter could not be sent: %s", e);
      }
    }
  }
}
