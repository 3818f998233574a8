package io.steward.devbox.tail;

import io.steward.devbox.settings.StartRefused;
import io.steward.schemas.kafka.BrokerAccess;
import io.steward.schemas.kafka.Topics;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;

/// Prints what is on `session-events`, until nobody reads it any more.
public final class EventTail {
  private static final Duration POLL = Duration.ofMillis(250);
  private static final int ANSWER_MS_MAX = 5_000;
  private static final int FETCH_BYTES_MAX = 8 * 1024 * 1024;

  private final String brokers;
  private final TailArguments wanted;
  private final EventLines lines;

  /// @param brokers addresses of brokers; how to get in says [BrokerAccess]
  /// @param colour whether lines have colours
  public EventTail(String brokers, TailArguments wanted, boolean colour) {
    this.brokers = brokers;
    this.wanted = wanted;
    this.lines = new EventLines(colour);
  }

  /// Prints until `out` is closed by who reads it.
  ///
  /// @return the exit code
  /// @throws StartRefused when no broker answers, or it has no such partition
  public int run(PrintStream out) throws StartRefused {
    try (Consumer<String, byte[]> consumer = consumer()) {
      List<TopicPartition> partitions = partitions(consumer);
      consumer.assign(partitions);
      if (wanted.fromBeginning()) {
        consumer.seekToBeginning(partitions);
      } else {
        consumer.seekToEnd(partitions);
      }
      while (!out.checkError()) {
        for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
          print(record, out);
        }
      }
      return 0;
    } catch (KafkaException e) {
      throw new StartRefused("Kafka at " + brokers + " cannot be read: " + e.getMessage() + ".", e);
    }
  }

  private List<TopicPartition> partitions(Consumer<String, byte[]> consumer) throws StartRefused {
    List<PartitionInfo> known;
    try {
      known = consumer.partitionsFor(Topics.SESSION_EVENTS);
    } catch (org.apache.kafka.common.errors.TimeoutException e) {
      throw new StartRefused(
          "No broker answers at "
              + brokers
              + "; ./steward dev starts one, and KAFKA_BOOTSTRAP_SERVERS names another.",
          e);
    }
    List<TopicPartition> partitions =
        known.stream()
            .map(info -> new TopicPartition(info.topic(), info.partition()))
            .filter(place ->
                wanted.session().map(id -> id.partition() == place.partition()).orElse(true))
            .toList();
    if (partitions.isEmpty()) {
      throw new StartRefused(
          wanted.session().map(id -> "The partition of " + id).orElse("The topic session-events")
              + " is not at "
              + brokers
              + ", so this is not the Kafka of that Steward.");
    }
    return partitions;
  }

  private void print(ConsumerRecord<String, byte[]> record, PrintStream out) {
    String key = record.key() == null ? "" : record.key();
    EventLines.Entry entry =
        new EventLines.Entry(
            key,
            Objects.requireNonNullElse(header(record, "ce_type"), ""),
            Objects.requireNonNullElse(header(record, "ce_time"), ""),
            header(record, "ce_dataref"),
            record.value());
    if (wanted.session().map(id -> id.value().equals(entry.session())).orElse(true)) {
      lines.of(entry).forEach(out::println);
    }
  }

  private static @Nullable String header(ConsumerRecord<String, byte[]> record, String name) {
    Header header = record.headers().lastHeader(name);
    return header == null ? null : new String(header.value(), StandardCharsets.UTF_8);
  }

  private Consumer<String, byte[]> consumer() {
    Map<String, Object> settings = BrokerAccess.settings();
    settings.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, brokers);
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    settings.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, ANSWER_MS_MAX);
    settings.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, ANSWER_MS_MAX);
    settings.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, FETCH_BYTES_MAX);
    return new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer());
  }
}
