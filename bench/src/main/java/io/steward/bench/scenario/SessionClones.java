package io.steward.bench.scenario;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/// Sessions made without the API: copies of the records that session-log wrote for a real one, with
/// another id. The id's partition stays, so each template fills its own.
final class SessionClones {
  private static final String TOPIC = "session-events";
  private static final int RANDOM_CHARS = 20;
  private static final String ALPHABET =
      "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
  private static final Duration READ_MAX = Duration.ofSeconds(60);
  private static final Duration POLL = Duration.ofMillis(200);

  private final String bootstrap;
  private final RandomGenerator random;

  SessionClones(String bootstrap, RandomGenerator random) {
    this.bootstrap = bootstrap;
    this.random = random;
  }

  /// All records of these sessions, in order.
  List<ConsumerRecord<byte[], byte[]>> records(List<String> sessions) {
    List<ConsumerRecord<byte[], byte[]>> found = new ArrayList<>();
    Map<String, Object> settings =
        Map.of(
            ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
            bootstrap,
            ConsumerConfig.ISOLATION_LEVEL_CONFIG,
            "read_committed",
            ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
            false);
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(TOPIC).stream()
              .map(info -> new TopicPartition(TOPIC, info.partition()))
              .toList();
      Map<TopicPartition, Long> ends = new HashMap<>(consumer.endOffsets(partitions));
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      long endNanos = System.nanoTime() + READ_MAX.toNanos();
      while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.getOrDefault(p, 0L))) {
        if (System.nanoTime() > endNanos) {
          throw new IllegalStateException("the topic was not read within " + READ_MAX);
        }
        consumer
            .poll(POLL)
            .forEach(record -> {
              String key = new String(record.key(), StandardCharsets.UTF_8);
              if (sessions.stream().anyMatch(session -> key.startsWith(session + "/"))) {
                found.add(record);
              }
            });
      }
    }
    return found;
  }

  /// Writes so many sessions, in turn like each of the templates. Answers their ids.
  ///
  /// @param templates the records of one session each
  List<String> write(Map<String, List<ConsumerRecord<byte[], byte[]>>> templates, int count) {
    List<String> ids = new ArrayList<>(count);
    AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    Map<String, Object> settings =
        Map.of(
            ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
            bootstrap,
            ProducerConfig.ACKS_CONFIG,
            "all",
            ProducerConfig.LINGER_MS_CONFIG,
            5,
            ProducerConfig.BATCH_SIZE_CONFIG,
            1 << 17);
    List<String> sources = List.copyOf(templates.keySet());
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      for (int i = 0; i < count; i++) {
        String source = sources.get(i % sources.size());
        String oldChars = source.substring(source.length() - RANDOM_CHARS);
        String newChars = randomChars();
        ids.add(source.substring(0, source.length() - RANDOM_CHARS) + newChars);
        for (ConsumerRecord<byte[], byte[]> record : templates.getOrDefault(source, List.of())) {
          var _ =
              producer.send(
                  copy(record, oldChars, newChars),
                  (_, e) -> {
                    if (e != null) {
                      failure.set(e);
                    }
                  });
        }
      }
      producer.flush();
    }
    Exception e = failure.get();
    if (e != null) {
      throw new IllegalStateException("sessions were not written", e);
    }
    return ids;
  }

  static ProducerRecord<byte[], byte[]> copy(
      ConsumerRecord<byte[], byte[]> record, String oldChars, String newChars) {
    List<Header> headers = new ArrayList<>();
    record
        .headers()
        .forEach(header ->
            headers.add(
                new RecordHeader(header.key(), replaced(header.value(), oldChars, newChars))));
    return new ProducerRecord<>(
        TOPIC,
        record.partition(),
        replaced(record.key(), oldChars, newChars),
        replaced(record.value(), oldChars, newChars),
        headers);
  }

  private static byte[] replaced(byte[] text, String oldChars, String newChars) {
    return new String(text, StandardCharsets.UTF_8)
        .replace(oldChars, newChars)
        .getBytes(StandardCharsets.UTF_8);
  }

  private String randomChars() {
    StringBuilder chars = new StringBuilder(RANDOM_CHARS);
    for (int i = 0; i < RANDOM_CHARS; i++) {
      chars.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
    }
    return chars.toString();
  }
}
