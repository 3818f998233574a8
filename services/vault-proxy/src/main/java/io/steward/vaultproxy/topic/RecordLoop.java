package io.steward.vaultproxy.topic;

import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.kafka.UnreadableRecordException;
import io.steward.schemas.secret.SealingKey;
import io.steward.vaultproxy.repository.Clones;
import io.steward.vaultproxy.secret.SecretIntake;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Reads one topic with one thread and hands records over without waiting for them. What is not
/// done is bounded; at the bound it stops reading until some are. What nobody can read is set aside
/// with the reason. When anything fails it starts over, from the last acknowledged record.
///
/// The member is static: an instance that starts again gets its partitions at once, also when the
/// broker has not yet noticed that it was gone.
public final class RecordLoop implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(RecordLoop.class);
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration RESTART_PAUSE = Duration.ofSeconds(1);
  private static final Duration BLOB_PAUSE = Duration.ofMillis(200);
  private static final int BLOB_TRIES_MAX = 5;
  private static final int FETCH_BYTES_MAX = 4 * 1024 * 1024;
  private static final int POLL_RECORDS_MAX = 50;
  private static final int SESSION_TIMEOUT_MS = 10_000;
  private static final long CLOSE_MS_MAX = 3000;

  private final Settings settings;
  private final String topic;
  private final RecordFormat format;
  private final RecordHandler handler;
  private final KafkaOutbox outbox;
  private final Thread thread;
  private volatile Acknowledgements acknowledgements = new Acknowledgements();
  private volatile boolean stopping;
  private volatile boolean assigned;
  private volatile @Nullable Consumer<String, byte[]> consumer;

  /// @param instance names this instance to the consumer groups, the same after a restart
  /// @param openMax records that may be read and not yet acknowledged
  public record Settings(String bootstrapServers, String instance, int openMax) {}

  private RecordLoop(
      Settings settings,
      String topic,
      RecordFormat format,
      RecordHandler handler,
      KafkaOutbox outbox) {
    this.settings = settings;
    this.topic = topic;
    this.format = format;
    this.handler = handler;
    this.outbox = outbox;
    this.thread = Thread.ofPlatform().name(topic).unstarted(this::run);
  }

  /// The loop of `egress-commands`.
  public static RecordLoop commands(
      Settings settings, RecordFormat format, Clones clones, KafkaOutbox outbox) {
    return new RecordLoop(
        settings, Topics.EGRESS_COMMANDS, format, new EgressCommands(clones), outbox);
  }

  /// The loop of `sealed-secrets`, which also publishes the key to seal with.
  public static RecordLoop secrets(
      Settings settings,
      RecordFormat format,
      SecretIntake intake,
      SealingKey sealingKey,
      KafkaOutbox outbox) {
    return new RecordLoop(
        settings,
        Topics.SEALED_SECRETS,
        format,
        new SealedSecrets(intake, sealingKey, outbox),
        outbox);
  }

  public void start() {
    thread.start();
  }

  /// Whether it takes part in reading the topic; another instance may have all its partitions.
  public boolean isReading() {
    return assigned;
  }

  private void run() {
    while (!stopping) {
      acknowledgements = new Acknowledgements();
      try (Consumer<String, byte[]> current = newConsumer()) {
        consumer = current;
        handler.beforeReading();
        current.subscribe(List.of(topic), new Assignment());
        while (!stopping) {
          round(current);
        }
        commit(current);
      } catch (WakeupException e) {
        // Told to stop.
      } catch (RuntimeException e) {
        if (!stopping) {
          LOG.errorf(e, "reading %s failed, starting over", topic);
          LockSupport.parkNanos(RESTART_PAUSE.toNanos());
        }
      } finally {
        assigned = false;
      }
    }
  }

  private void round(Consumer<String, byte[]> current) {
    if (acknowledgements.open() >= settings.openMax()) {
      current.pause(current.assignment());
    } else if (!current.paused().isEmpty()) {
      current.resume(current.paused());
    }
    Acknowledgements mine = acknowledgements;
    for (ConsumerRecord<String, byte[]> record : current.poll(POLL)) {
      TopicPartition partition = new TopicPartition(record.topic(), record.partition());
      mine.add(partition, record.offset());
      handle(record, () -> mine.acknowledge(partition, record.offset()));
    }
    commit(current);
  }

  private void commit(Consumer<String, byte[]> current) {
    Map<TopicPartition, OffsetAndMetadata> done = acknowledgements.takeCommittable();
    if (!done.isEmpty()) {
      current.commitAsync(
          done,
          (_, failure) -> {
            if (failure != null) {
              // The next commit covers it, and doing a record again does no harm.
              LOG.debug("offsets were not committed", failure);
            }
          });
    }
  }

  private void handle(ConsumerRecord<String, byte[]> record, Runnable acknowledge) {
    if (record.value() == null) {
      acknowledge.run();
      return;
    }
    try {
      handler.handle(decode(record), acknowledge);
    } catch (UnreadableRecordException e) {
      LOG.warnf(
          "unreadable record set aside topic=%s partition=%d offset=%d: %s",
          topic, record.partition(), record.offset(), e.getMessage());
      outbox.setAside(record, String.valueOf(e.getMessage()));
      acknowledge.run();
    }
  }

  private RecordFormat.Decoded decode(ConsumerRecord<String, byte[]> record)
      throws UnreadableRecordException {
    for (int tries = 1; ; tries++) {
      try {
        return format.decode(record);
      } catch (UncheckedIOException e) {
        if (tries == BLOB_TRIES_MAX) {
          throw new UnreadableRecordException("the blob store does not give its body", e);
        }
        LockSupport.parkNanos(BLOB_PAUSE.toNanos());
      }
    }
  }

  private Consumer<String, byte[]> newConsumer() {
    Map<String, Object> configuration = new HashMap<>();
    configuration.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, settings.bootstrapServers());
    configuration.put(ConsumerConfig.GROUP_ID_CONFIG, "vault-proxy." + topic);
    configuration.put(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, settings.instance());
    configuration.put(ConsumerConfig.CLIENT_ID_CONFIG, "vault-proxy." + topic);
    configuration.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, SESSION_TIMEOUT_MS);
    configuration.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, SESSION_TIMEOUT_MS / 4);
    configuration.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    configuration.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    configuration.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    configuration.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    configuration.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, FETCH_BYTES_MAX);
    configuration.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, POLL_RECORDS_MAX);
    configuration.put(ConsumerConfig.FETCH_MIN_BYTES_CONFIG, 1);
    configuration.put(ConsumerConfig.METADATA_MAX_AGE_CONFIG, 10_000);
    return new KafkaConsumer<>(
        configuration, new StringDeserializer(), new ByteArrayDeserializer());
  }

  @Override
  public void close() {
    stopping = true;
    Consumer<String, byte[]> current = consumer;
    if (current != null) {
      current.wakeup();
    }
    LockSupport.unpark(thread);
    try {
      thread.join(CLOSE_MS_MAX);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private final class Assignment implements ConsumerRebalanceListener {
    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      assigned = true;
      LOG.infof("reading %d partitions of %s", partitions.size(), topic);
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
      Consumer<String, byte[]> current = consumer;
      Map<TopicPartition, OffsetAndMetadata> done = acknowledgements.takeCommittable();
      if (current != null && !done.isEmpty()) {
        try {
          current.commitSync(done, Duration.ofSeconds(1));
        } catch (KafkaException e) {
          LOG.debug("offsets were not committed", e);
        }
      }
      acknowledgements.forget(partitions);
      assigned = false;
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
      acknowledgements.forget(partitions);
      assigned = false;
    }
  }
}
