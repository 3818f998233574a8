package io.steward.vaultproxy.topic;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.steward.schemas.blob.DirectoryBlobStore;
import io.steward.schemas.egress.EgressCommand;
import io.steward.schemas.id.Ids;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.Envelope;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.secret.SealedSecret;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/// The other services' side of Kafka.
final class Wire implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final String address;
  private final KafkaProducer<String, byte[]> producer;
  private final RecordFormat format = new RecordFormat(new DirectoryBlobStore(Path.of("unused")));

  Wire(String address) {
    this.address = address;
    this.producer =
        new KafkaProducer<>(
            Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, address),
            new StringSerializer(),
            new ByteArraySerializer());
  }

  private KafkaConsumer<String, byte[]> consumer() {
    return new KafkaConsumer<>(
        Map.of(
            ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
            address,
            ConsumerConfig.GROUP_ID_CONFIG,
            "test",
            ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
            "earliest"),
        new StringDeserializer(),
        new ByteArrayDeserializer());
  }

  void send(SessionId session, EgressCommand command) throws Exception {
    send(session, Json.mapper().writerFor(EgressCommand.class).writeValueAsBytes(command));
  }

  void send(SessionId session, byte[] json) throws Exception {
    Envelope envelope =
        Envelope.of(Ids.random("rec_"), "egress", "/test", session.value(), Instant.now());
    var _ =
        producer
            .send(
                format.encode(
                    Topics.EGRESS_COMMANDS, session.partition(), session.value(), envelope, json))
            .get();
  }

  void send(SealedSecret secret) throws Exception {
    Envelope envelope =
        Envelope.of(Ids.random("rec_"), SealedSecret.TYPE, "/test", secret.id(), Instant.now());
    var _ =
        producer
            .send(
                format.encode(Topics.SEALED_SECRETS, -1, secret.id(), envelope, Json.bytes(secret)))
            .get();
  }

  String type(ConsumerRecord<String, byte[]> record) {
    return new String(record.headers().lastHeader("ce_type").value(), StandardCharsets.UTF_8);
  }

  /// The record at `offset`, as soon as it is there.
  ConsumerRecord<String, byte[]> next(String topic, int partition, long offset) {
    try (KafkaConsumer<String, byte[]> consumer = consumer()) {
      TopicPartition at = new TopicPartition(topic, partition);
      consumer.assign(List.of(at));
      consumer.seek(at, offset);
      long giveUpNanos = System.nanoTime() + PATIENCE.toNanos();
      while (System.nanoTime() < giveUpNanos) {
        for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(100))) {
          return record;
        }
      }
      throw new AssertionError("no record at " + at + " " + offset);
    }
  }

  void awaitCommitted(String group, String topic, int partition, long offset) throws Exception {
    TopicPartition at = new TopicPartition(topic, partition);
    try (var admin =
        Admin.create(Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, (Object) address))) {
      long giveUpNanos = System.nanoTime() + PATIENCE.toNanos();
      long committed = -1;
      while (System.nanoTime() < giveUpNanos && committed < offset) {
        var position =
            admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().get(at);
        committed = position == null ? -1 : position.offset();
        Thread.sleep(50);
      }
      assertEquals(offset, committed);
    }
  }

  /// All records of the topics, headers and keys too.
  String everything() {
    StringBuilder all = new StringBuilder();
    try (KafkaConsumer<String, byte[]> consumer = consumer()) {
      List<TopicPartition> partitions =
          consumer.listTopics().entrySet().stream()
              .filter(topic -> !topic.getKey().startsWith("__"))
              .flatMap(topic -> topic.getValue().stream())
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.getOrDefault(p, 0L))) {
        for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(100))) {
          all.append(record)
              .append(
                  new String(
                      record.value() == null ? new byte[0] : record.value(),
                      StandardCharsets.ISO_8859_1));
        }
      }
    }
    return all.toString();
  }

  @Override
  public void close() {
    producer.close();
  }
}
