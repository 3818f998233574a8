package io.steward.sessionlog.files;

import io.quarkus.runtime.StartupEvent;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.kafka.UnreadableRecordException;
import io.steward.schemas.sandbox.SandboxOutput;
import io.steward.sessionlog.SessionLogConfig;
import io.steward.sessionlog.log.KafkaClients;
import io.steward.sessionlog.log.LogWriter;
import io.steward.sessionlog.log.Tail;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jboss.logging.Logger;

/// Reads what agents left in their outputs directories from `sandbox-events`, from where this
/// service stood when it last ended. A record nobody can read goes to the dead letter topic.
@Singleton
class OutputTail {
  private static final Logger LOG = Logger.getLogger(OutputTail.class);
  private static final String GROUP = "session-log-files";
  private static final String REASON_HEADER = "dead_letter_reason";

  private final Outputs outputs;
  private final RecordFormat format;
  private final LogWriter writer;
  private final Consumer<String, byte[]> consumer;
  private final Tail tail;

  OutputTail(
      KafkaClients clients,
      Outputs outputs,
      RecordFormat format,
      LogWriter writer,
      SessionLogConfig config) {
    this.outputs = outputs;
    this.format = format;
    this.writer = writer;
    this.consumer = clients.consumer(GROUP);
    this.tail =
        new Tail(
            "outputs",
            consumer,
            KafkaClients.partitions(Topics.SANDBOX_EVENTS, config.sessionPartitions()),
            OutputTail::seek,
            this::read);
  }

  void start(@Observes StartupEvent event) {
    tail.start();
  }

  @PreDestroy
  void stop() {
    tail.close();
  }

  private static void seek(Consumer<String, byte[]> consumer, Set<TopicPartition> partitions) {
    Map<TopicPartition, OffsetAndMetadata> committed = consumer.committed(partitions);
    for (TopicPartition partition : partitions) {
      OffsetAndMetadata next = committed.get(partition);
      if (next == null) {
        consumer.seekToBeginning(Set.of(partition));
      } else {
        consumer.seek(partition, next);
      }
    }
  }

  /// What fails here is given again, so a record that can never be taken must not throw.
  private void read(ConsumerRecords<String, byte[]> records, Map<TopicPartition, Long> after) {
    for (ConsumerRecord<String, byte[]> record : records) {
      if (record.value() != null) {
        take(record);
      }
    }
    Map<TopicPartition, OffsetAndMetadata> done = new HashMap<>();
    records.partitions().forEach(partition -> done.put(partition, committable(after, partition)));
    consumer.commitAsync(
        done,
        (_, failure) -> {
          if (failure != null) {
            // The next commit covers it, and a repeated record is old news.
            LOG.debug("offsets of outputs were not committed", failure);
          }
        });
  }

  private static OffsetAndMetadata committable(
      Map<TopicPartition, Long> after, TopicPartition partition) {
    return new OffsetAndMetadata(after.getOrDefault(partition, 0L));
  }

  private void take(ConsumerRecord<String, byte[]> record) {
    try {
      RecordFormat.Decoded decoded = format.decode(record);
      if (decoded.envelope().type().equals(SandboxOutput.TYPE)) {
        SandboxOutput output = output(decoded);
        outputs.take(output, decoded.envelope().workspaceId(), record.offset());
      }
    } catch (UnreadableRecordException e) {
      LOG.errorf(
          "A record of %s is set aside, partition %d, offset %d: %s",
          record.topic(), record.partition(), record.offset(), e.getMessage());
      setAside(record, String.valueOf(e.getMessage()));
    }
  }

  private static SandboxOutput output(RecordFormat.Decoded decoded)
      throws UnreadableRecordException {
    try {
      SandboxOutput output = Json.read(decoded.json(), SandboxOutput.class);
      Outputs.check(output);
      return output;
    } catch (UncheckedIOException e) {
      throw new UnreadableRecordException("the body does not fit its type", e);
    }
  }

  private void setAside(ConsumerRecord<String, byte[]> record, String reason) {
    ProducerRecord<String, byte[]> letter =
        new ProducerRecord<>(
            Topics.deadLetter(record.topic()),
            null,
            record.key(),
            record.value(),
            record.headers());
    letter.headers().add(REASON_HEADER, reason.getBytes(StandardCharsets.UTF_8));
    writer.send(letter);
  }
}
