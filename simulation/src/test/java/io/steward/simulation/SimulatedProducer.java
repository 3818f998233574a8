package io.steward.simulation;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.metrics.KafkaMetric;
import org.jspecify.annotations.Nullable;

/// A producer of a process. Between any two of its actions others may act, and the process may end;
/// an answer of the broker may be lost, or the question.
final class SimulatedProducer implements Producer<String, byte[]> {
  private static final int LOST_QUESTION = 80;
  private static final int LOST_REPLY = 30;
  private static final int LOST_PREVIEW = 12;
  private static final Duration PATIENCE = Duration.ofMillis(200);

  private final World world;
  private final Node node;
  private final @Nullable String id;
  private int epoch = -1;
  private boolean claimsAborted;

  /// @param id the transactional one, or null for previews
  SimulatedProducer(World world, Node node, @Nullable String id) {
    this.world = world;
    this.node = node;
    this.id = id;
  }

  private String id() {
    if (id == null) {
      throw new IllegalStateException("this producer writes no transactions");
    }
    return id;
  }

  @Override
  public void initTransactions() {
    world.pause();
    epoch = world.kafka().initTransactions(id());
    world.trace(node, "has the transactional id " + id() + ", epoch", epoch);
    world.pause();
  }

  @Override
  public void beginTransaction() {
    claimsAborted = false;
    world.pause();
  }

  @Override
  public Future<RecordMetadata> send(ProducerRecord<String, byte[]> record) {
    if (id == null) {
      return preview(record);
    }
    world.pause();
    long offset = world.kafka().append(record, id(), epoch, node.name());
    return done(record, world.has(SeededBug.DECIDES_BEFORE_READ_BACK) ? -1 : offset);
  }

  @Override
  public Future<RecordMetadata> send(ProducerRecord<String, byte[]> record, Callback callback) {
    return send(record);
  }

  /// Never waits, and may be lost.
  private Future<RecordMetadata> preview(ProducerRecord<String, byte[]> record) {
    return done(record, world.fault(LOST_PREVIEW) ? -1 : world.kafka().append(record));
  }

  private static Future<RecordMetadata> done(ProducerRecord<String, byte[]> record, long offset) {
    TopicPartition partition = new TopicPartition(record.topic(), record.partition());
    return CompletableFuture.completedFuture(new RecordMetadata(partition, offset, 0, 0, 0, 0));
  }

  @Override
  public void sendOffsetsToTransaction(
      Map<TopicPartition, OffsetAndMetadata> offsets, ConsumerGroupMetadata group) {
    world.pause();
    boolean unchecked = world.has(SeededBug.NO_FENCE) || world.has(SeededBug.TRANSACTIONAL_ID_ONLY);
    Map<TopicPartition, Long> plain = new HashMap<>();
    offsets.forEach((partition, offset) -> plain.put(partition, offset.offset()));
    world.kafka().sendOffsets(plain, unchecked ? null : group, id(), epoch, node.name());
  }

  @Override
  public void commitTransaction() {
    world.pause();
    if (world.fault(LOST_QUESTION)) {
      world.trace(node, "asks for a commit in vain", id());
      world.schedule().sleep(PATIENCE);
      throw new TimeoutException("no answer to the commit");
    }
    world.kafka().end(id(), epoch, true);
    world.pause();
    if (world.fault(LOST_REPLY)) {
      world.trace(node, "does not hear of its commit", id());
      if (world.has(SeededBug.LOST_REPLY_IS_REFUSAL)) {
        claimsAborted = true;
        throw new KafkaException("no answer to the commit");
      }
      world.schedule().sleep(PATIENCE);
      throw new TimeoutException("no answer to the commit");
    }
  }

  @Override
  public void abortTransaction() {
    world.pause();
    if (!claimsAborted) {
      world.kafka().end(id(), epoch, false);
    }
    world.pause();
  }

  @Override
  public void close() {}

  /// What is open stays open until the broker, or another owner, aborts it.
  @Override
  public void close(Duration timeout) {}

  @Override
  public void flush() {}

  @Override
  public List<PartitionInfo> partitionsFor(String topic) {
    return List.of();
  }

  @Override
  public Map<MetricName, ? extends Metric> metrics() {
    return Map.of();
  }

  @Override
  public Uuid clientInstanceId(Duration timeout) {
    return Uuid.ZERO_UUID;
  }

  @Override
  public void registerMetricForSubscription(KafkaMetric metric) {}

  @Override
  public void unregisterMetricFromSubscription(KafkaMetric metric) {}
}
