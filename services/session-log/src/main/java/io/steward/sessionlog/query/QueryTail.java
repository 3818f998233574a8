package io.steward.sessionlog.query;

import io.quarkus.runtime.StartupEvent;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.kafka.UnreadableRecordException;
import io.steward.schemas.query.SessionQuery;
import io.steward.sessionlog.SessionLogConfig;
import io.steward.sessionlog.SessionLogMetrics;
import io.steward.sessionlog.log.KafkaClients;
import io.steward.sessionlog.log.Tail;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;
import org.jboss.logging.Logger;

/// Reads `session-queries` and has each answered on a thread of its own. Above a number of them
/// queries are left out: whoever asks, asks again.
@Singleton
class QueryTail {
  private static final Logger LOG = Logger.getLogger(QueryTail.class);

  private final QueryAnswers answers;
  private final RecordFormat format;
  private final InstantSource clock;
  private final SessionLogMetrics metrics;
  private final Duration reachBack;
  private final Semaphore room;
  private final Tail tail;

  QueryTail(
      KafkaClients clients,
      QueryAnswers answers,
      RecordFormat format,
      InstantSource clock,
      SessionLogMetrics metrics,
      SessionLogConfig config) {
    this.answers = answers;
    this.metrics = metrics;
    this.room = new Semaphore(config.sessionLog().queriesMax());
    this.format = format;
    this.clock = clock;
    this.reachBack = config.sessionLog().queryReachBack();
    this.tail =
        new Tail(
            "queries",
            clients.consumer(),
            KafkaClients.partitions(Topics.SESSION_QUERIES, config.sessionPartitions()),
            this::seek,
            this::read);
  }

  void start(@Observes StartupEvent event) {
    tail.start();
  }

  @PreDestroy
  void stop() {
    tail.close();
  }

  /// A query that came while no replica was running is answered still.
  private void seek(Consumer<String, byte[]> consumer, Set<TopicPartition> partitions) {
    long since = clock.instant().minus(reachBack).toEpochMilli();
    Map<TopicPartition, Long> times = new HashMap<>();
    partitions.forEach(partition -> times.put(partition, since));
    Map<TopicPartition, OffsetAndTimestamp> found = consumer.offsetsForTimes(times);
    for (TopicPartition partition : partitions) {
      OffsetAndTimestamp first = found.get(partition);
      if (first == null) {
        consumer.seekToEnd(Set.of(partition));
      } else {
        consumer.seek(partition, first.offset());
      }
    }
  }

  private void read(ConsumerRecords<String, byte[]> records, Map<TopicPartition, Long> after) {
    for (ConsumerRecord<String, byte[]> record : records) {
      if (record.value() == null) {
        continue;
      }
      try {
        take(Json.read(format.decode(record).json(), SessionQuery.class), record.offset());
      } catch (UnreadableRecordException | RuntimeException e) {
        LOG.errorf("A query is ignored, offset %d: %s", record.offset(), e);
        metrics.unreadable(record.topic());
      }
    }
  }

  private void take(SessionQuery query, long offset) {
    Objects.requireNonNull(query.queryId(), "query_id");
    if (!room.tryAcquire()) {
      LOG.warnf("A query of partition %d is left out: too many wait", query.partition());
      return;
    }
    Thread.ofVirtual()
        .name("query-", offset)
        .start(() -> {
          try {
            answers.answer(query);
          } finally {
            room.release();
          }
        });
  }
}
