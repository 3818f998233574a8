package io.steward.sessionlog.diagnose;

import io.quarkus.runtime.StartupEvent;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.kafka.UnreadableRecordException;
import io.steward.schemas.progress.SessionProgress;
import io.steward.sessionlog.SessionLogConfig;
import io.steward.sessionlog.log.KafkaClients;
import io.steward.sessionlog.log.Tail;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;
import org.jboss.logging.Logger;

/// Reads `session-progress`, from as far back as anything there still holds. It may be lost, so
/// this replica is ready without it, and a record that cannot be read is skipped.
@Singleton
class ProgressTail {
  private static final Logger LOG = Logger.getLogger(ProgressTail.class);
  private static final int KNOWN_MAX = 100_000;

  private final KnownProgress known;
  private final RecordFormat format;
  private final InstantSource clock;
  private final Tail tail;

  /// Where each partition ended when it was begun with. Belongs to the tail's thread.
  private Map<TopicPartition, Long> begunAt = Map.of();

  ProgressTail(
      KafkaClients clients, RecordFormat format, InstantSource clock, SessionLogConfig config) {
    this.known = new KnownProgress(KNOWN_MAX, clock);
    this.format = format;
    this.clock = clock;
    this.tail =
        new Tail(
            "progress",
            clients.consumer(),
            KafkaClients.partitions(Topics.SESSION_PROGRESS, config.sessionPartitions()),
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

  /// What still holds about a session.
  List<Heard> of(SessionId session) {
    return known.of(session);
  }

  private void seek(Consumer<String, byte[]> consumer, Set<TopicPartition> partitions) {
    begunAt = Map.copyOf(consumer.endOffsets(partitions));
    long from = clock.instant().minus(Heard.HOLDS).toEpochMilli();
    Map<TopicPartition, Long> times = new HashMap<>();
    partitions.forEach(partition -> times.put(partition, from));
    Map<TopicPartition, OffsetAndTimestamp> found = consumer.offsetsForTimes(times);
    for (TopicPartition partition : partitions) {
      OffsetAndTimestamp first = found.get(partition);
      if (first == null) {
        consumer.seekToEnd(Set.of(partition)); // Nothing is as new as that.
      } else {
        consumer.seek(partition, first.offset());
      }
    }
  }

  private void read(ConsumerRecords<String, byte[]> records, Map<TopicPartition, Long> after) {
    for (ConsumerRecord<String, byte[]> record : records) {
      if (record.value() != null) {
        take(record);
      }
    }
  }

  private void take(ConsumerRecord<String, byte[]> record) {
    try {
      RecordFormat.Decoded decoded = format.decode(record);
      if (decoded.envelope().type().equals(SessionProgress.TYPE)) {
        SessionProgress progress = Json.read(decoded.json(), SessionProgress.class);
        Objects.requireNonNull(progress.sessionId(), "session_id");
        Objects.requireNonNull(progress.about(), "about");
        Objects.requireNonNull(progress.activity(), "activity");
        Objects.requireNonNull(progress.since(), "since");
        if (record.offset() < begunAt.getOrDefault(placeOf(record), 0L)) {
          known.addOld(progress, decoded.envelope().time());
        } else {
          known.add(progress);
        }
      }
    } catch (UnreadableRecordException | RuntimeException e) {
      LOG.debugf("A record of %s is skipped: %s", record.topic(), e.getMessage());
    }
  }

  private static TopicPartition placeOf(ConsumerRecord<String, byte[]> record) {
    return new TopicPartition(record.topic(), record.partition());
  }
}
