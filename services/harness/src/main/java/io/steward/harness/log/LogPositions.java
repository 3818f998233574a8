package io.steward.harness.log;

import io.steward.schemas.kafka.Topics;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;

/// Asks the broker for positions. Every method blocks.
public final class LogPositions {
  private final Admin admin;
  private final String group;

  public LogPositions(Admin admin, String group) {
    this.admin = admin;
    this.group = group;
  }

  /// The last stable offset of a partition of `session-events`.
  public long stableOffset(int partition) throws InterruptedException {
    return offset(
        Topics.SESSION_EVENTS, partition, OffsetSpec.latest(), IsolationLevel.READ_COMMITTED);
  }

  /// The end of a partition of any topic.
  public long end(String topic, int partition) throws InterruptedException {
    return offset(topic, partition, OffsetSpec.latest(), IsolationLevel.READ_UNCOMMITTED);
  }

  /// Up to where results were used up by committed transactions, or the beginning.
  public long resultsPosition(int partition) throws InterruptedException {
    TopicPartition results = new TopicPartition(Topics.TOOL_RESULTS, partition);
    Map<TopicPartition, OffsetAndMetadata> committed =
        await(
            admin
                .listConsumerGroupOffsets(
                    group, new ListConsumerGroupOffsetsOptions().requireStable(true))
                .partitionsToOffsetAndMetadata());
    OffsetAndMetadata position = committed.get(results);
    long earliest =
        offset(
            Topics.TOOL_RESULTS, partition, OffsetSpec.earliest(), IsolationLevel.READ_UNCOMMITTED);
    return position == null ? earliest : Math.max(position.offset(), earliest);
  }

  private long offset(String topic, int partition, OffsetSpec which, IsolationLevel isolation)
      throws InterruptedException {
    TopicPartition asked = new TopicPartition(topic, partition);
    return await(
            admin
                .listOffsets(Map.of(asked, which), new ListOffsetsOptions(isolation))
                .partitionResult(asked))
        .offset();
  }

  private static <T> T await(KafkaFuture<T> future) throws InterruptedException {
    try {
      return future.get();
    } catch (ExecutionException e) {
      throw new KafkaException(e.getCause());
    }
  }
}
