package io.steward.schemas.kafka.lag;

import java.time.Duration;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/// How far a consumer is behind the ends of its partitions, as its client knows. The consumer's
/// thread looks, any thread may read.
public final class ConsumerLag {
  /// The client may hand the question to a thread of its own, so it is not asked at each poll.
  static final Duration LOOK_EVERY = Duration.ofSeconds(1);

  private volatile long records;
  private long lookedNanos = System.nanoTime() - LOOK_EVERY.toNanos();

  /// Looks, unless it did a moment ago. Never throws because of Kafka.
  public void look(Consumer<?, ?> consumer) {
    long now = System.nanoTime();
    if (now - lookedNanos < LOOK_EVERY.toNanos()) {
      return;
    }
    lookedNanos = now;
    try {
      long sum = 0;
      for (TopicPartition partition : consumer.assignment()) {
        sum += consumer.currentLag(partition).orElse(0);
      }
      records = sum;
    } catch (KafkaException | IllegalStateException _) {
      // It is looked at again soon, and whoever polls meets the failure.
    }
  }

  /// Offsets that were not read yet, those of transactions' ends included.
  public long records() {
    return records;
  }
}
