package io.steward.harness.log;

import io.steward.schemas.kafka.Topics;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/// Asks the broker for positions, for many partitions at once. Nothing blocks but [#await].
public final class LogPositions {
  private final Admin admin;
  private final String group;
  private final AskedTogether<TopicPartition, Long> stable =
      new AskedTogether<>(
          asked -> offsets(asked, OffsetSpec.latest(), IsolationLevel.READ_COMMITTED));
  private final AskedTogether<TopicPartition, Long> ends =
      new AskedTogether<>(
          asked -> offsets(asked, OffsetSpec.latest(), IsolationLevel.READ_UNCOMMITTED));
  private final AskedTogether<TopicPartition, Long> beginnings =
      new AskedTogether<>(
          asked -> offsets(asked, OffsetSpec.earliest(), IsolationLevel.READ_UNCOMMITTED));
  private final AskedTogether<TopicPartition, Optional<Long>> committed =
      new AskedTogether<>(this::committed);

  public LogPositions(Admin admin, String group) {
    this.admin = admin;
    this.group = group;
  }

  /// The last stable offset of a partition of any topic.
  CompletableFuture<Long> stableOffset(String topic, int partition) {
    return stable.ask(new TopicPartition(topic, partition));
  }

  /// The end of a partition of any topic.
  public CompletableFuture<Long> end(String topic, int partition) {
    return ends.ask(new TopicPartition(topic, partition));
  }

  /// Up to where results were used up by committed transactions, or the beginning.
  public CompletableFuture<Long> resultsPosition(int partition) {
    TopicPartition results = new TopicPartition(Topics.TOOL_RESULTS, partition);
    return committed
        .ask(results)
        .thenCombine(
            beginnings.ask(results),
            (position, earliest) -> Math.max(position.orElse(earliest), earliest));
  }

  /// Whether the coordinator of the group says that this member has the partition of
  /// `session-events`. While the group is about to change, nobody has any.
  public CompletableFuture<Boolean> isAssigned(String memberId, int partition) {
    TopicPartition events = new TopicPartition(Topics.SESSION_EVENTS, partition);
    return admin
        .describeConsumerGroups(Set.of(group))
        .all()
        .toCompletionStage()
        .thenApply(groups ->
            groups.values().stream()
                .flatMap(description -> description.members().stream())
                .filter(member -> member.consumerId().equals(memberId))
                .anyMatch(member -> member.assignment().topicPartitions().contains(events)))
        .toCompletableFuture();
  }

  private Function<TopicPartition, CompletionStage<Long>> offsets(
      Set<TopicPartition> asked, OffsetSpec which, IsolationLevel isolation) {
    Map<TopicPartition, OffsetSpec> specs = new HashMap<>();
    asked.forEach(partition -> specs.put(partition, which));
    ListOffsetsResult found = admin.listOffsets(specs, new ListOffsetsOptions(isolation));
    return partition ->
        found
            .partitionResult(partition)
            .toCompletionStage()
            .thenApply(ListOffsetsResult.ListOffsetsResultInfo::offset);
  }

  private Function<TopicPartition, CompletionStage<Optional<Long>>> committed(
      Set<TopicPartition> asked) {
    CompletionStage<Map<TopicPartition, OffsetAndMetadata>> found =
        admin
            .listConsumerGroupOffsets(
                Map.of(group, new ListConsumerGroupOffsetsSpec().topicPartitions(asked)),
                new ListConsumerGroupOffsetsOptions().requireStable(true))
            .partitionsToOffsetAndMetadata(group)
            .toCompletionStage();
    return partition ->
        found.thenApply(
            all -> Optional.ofNullable(all.get(partition)).map(OffsetAndMetadata::offset));
  }

  /// Waits for an answer.
  ///
  /// @throws KafkaException when the broker gave none
  public static <T> T await(CompletableFuture<T> future) throws InterruptedException {
    try {
      return future.get();
    } catch (ExecutionException e) {
      throw new KafkaException(e.getCause());
    }
  }
}
