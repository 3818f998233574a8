package io.steward.sessionlog.files;

import io.quarkus.runtime.StartupEvent;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.DeadLetter;
import io.steward.schemas.kafka.DependencyAwayException;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.kafka.UnreadableRecordException;
import io.steward.schemas.sandbox.SandboxOutput;
import io.steward.sessionlog.SessionLogConfig;
import io.steward.sessionlog.SessionLogMetrics;
import io.steward.sessionlog.log.KafkaClients;
import io.steward.sessionlog.log.LogWriter;
import io.steward.sessionlog.log.Tail;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jboss.logging.Logger;

/// Reads what agents left in their outputs directories from `sandbox-events`, from where this
/// service stood when it last ended. A record nobody can read goes to the dead letter topic.
@Singleton
class OutputTail {
  private static final Logger LOG = Logger.getLogger(OutputTail.class);
  private static final String GROUP = "session-log-files";
  private static final int LETTER_BYTES_MAX = 512 * 1024;

  private final Outputs outputs;
  private final RecordFormat format;
  private final LogWriter writer;
  private final SessionLogMetrics metrics;
  private final Consumer<String, byte[]> consumer;
  private final Tail tail;

  OutputTail(
      KafkaClients clients,
      Outputs outputs,
      RecordFormat format,
      LogWriter writer,
      SessionLogMetrics metrics,
      SessionLogConfig config) {
    this.outputs = outputs;
    this.metrics = metrics;
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
      setAside(record, String.valueOf(e.getMessage()));
    } catch (UncheckedIOException e) {
      if (!(e.getCause() instanceof NoSuchFileException)) {
        throw e;
      }
      setAside(record, "its body is not in the blob store");
    } catch (ApiException | DependencyAwayException | KafkaException e) {
      throw e; // Something is away; the record may be fine.
    } catch (RuntimeException e) {
      LOG.errorf(e, "An output cannot be taken, offset %d", record.offset());
      setAside(record, e.getClass().getName());
    }
  }

  private void setAside(ConsumerRecord<String, byte[]> record, String reason) {
    LOG.errorf(
        "A record of %s is set aside, partition %d, offset %d: %s",
        record.topic(), record.partition(), record.offset(), reason);
    metrics.unreadable(record.topic());
    writer.send(DeadLetter.of(record, reason, LETTER_BYTES_MAX));
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
}
