package io.steward.sessionlog.log;

import io.steward.schemas.kafka.DependencyAwayException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;

/// Asks the cluster for the state of a topic.
public final class KafkaLogState implements LogState.Source, AutoCloseable {
  private static final long ANSWER_SECONDS_MAX = 10;

  private final Admin admin;
  private final String topic;

  /// @param admin is closed with this
  public KafkaLogState(Admin admin, String topic) {
    this.admin = admin;
    this.topic = topic;
  }

  @Override
  public String topicId() {
    return described().topicId().toString();
  }

  @Override
  public LogState now() {
    TopicDescription described = described();
    Set<TopicPartition> partitions =
        described.partitions().stream()
            .map(partition -> new TopicPartition(topic, partition.partition()))
            .collect(Collectors.toUnmodifiableSet());
    Map<TopicPartition, ListOffsetsResultInfo> firsts = offsets(partitions, OffsetSpec.earliest());
    Map<TopicPartition, ListOffsetsResultInfo> ends = offsets(partitions, OffsetSpec.latest());
    Map<Integer, LogState.Reach> reaches = new HashMap<>();
    ends.forEach((partition, end) -> {
      ListOffsetsResultInfo first = firsts.get(partition);
      reaches.put(
          partition.partition(),
          new LogState.Reach(
              first == null ? 0 : first.offset(),
              end.offset(),
              end.leaderEpoch().orElse(Integer.MAX_VALUE)));
    });
    return new LogState(described.topicId().toString(), Map.copyOf(reaches));
  }

  private TopicDescription described() {
    return answer(admin.describeTopics(Set.of(topic)).allTopicNames()).values().iterator().next();
  }

  private Map<TopicPartition, ListOffsetsResultInfo> offsets(
      Set<TopicPartition> partitions, OffsetSpec which) {
    Map<TopicPartition, OffsetSpec> asked =
        partitions.stream().collect(Collectors.toMap(Function.identity(), _ -> which));
    return answer(admin.listOffsets(asked).all());
  }

  private static <T> T answer(KafkaFuture<T> future) {
    try {
      return future.get(ANSWER_SECONDS_MAX, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new DependencyAwayException("Kafka", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DependencyAwayException("Kafka", e);
    }
  }

  @Override
  public void close() {
    admin.close(Duration.ofSeconds(1));
  }
}
