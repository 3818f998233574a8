package io.steward.sandbox.topic;

import io.steward.sandbox.call.ToolCalls;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.kafka.UnreadableRecordException;
import io.steward.schemas.sandbox.SandboxCommand;
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

/// Reads `sandbox-commands` with one thread and hands commands over without waiting for them. What
/// is not done is bounded; at the bound it stops reading until some are, which holds up cancels of
/// these partitions, too.
///
/// The member is static: an instance that starts again gets its partitions at once, also when the
/// broker has not yet noticed that it was gone.
public final class CommandLoop implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(CommandLoop.class);
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration BLOB_PAUSE = Duration.ofMillis(200);
  private static final int BLOB_TRIES_MAX = 5;
  private static final int FETCH_BYTES_MAX = 4 * 1024 * 1024;
  private static final int POLL_RECORDS_MAX = 50;
  private static final int SESSION_TIMEOUT_MS = 10_000;
  private static final long CLOSE_MS_MAX = 3000;

  private final Settings settings;
  private final RecordFormat format;
  private final ToolCalls calls;
  private final KafkaOutbox outbox;
  private final Acknowledgements acknowledgements = new Acknowledgements();
  private final Thread thread;
  private volatile boolean stopping;
  private volatile boolean assigned;
  private volatile @Nullable Consumer<String, byte[]> consumer;

  /// @param instance names this instance to the consumer group, the same after a restart
  /// @param openMax commands that may be read and not yet acknowledged
  public record Settings(String bootstrapServers, String instance, int openMax) {}

  public CommandLoop(Settings settings, RecordFormat format, ToolCalls calls, KafkaOutbox outbox) {
    this.settings = settings;
    this.format = format;
    this.calls = calls;
    this.outbox = outbox;
    this.thread = Thread.ofPlatform().name("sandbox-commands").unstarted(this::run);
  }

  public void start() {
    thread.start();
  }

  /// Whether partitions are assigned.
  public boolean isAssigned() {
    return assigned;
  }

  private void run() {
    while (!stopping) {
      try (Consumer<String, byte[]> current = newConsumer()) {
        consumer = current;
        calls.recover();
        current.subscribe(List.of(Topics.SANDBOX_COMMANDS), new Assignment());
        while (!stopping) {
          round(current);
        }
        commit(current);
      } catch (WakeupException e) {
        // Told to stop.
      } catch (RuntimeException e) {
        LOG.error("reading commands failed, starting over", e);
        LockSupport.parkNanos(Duration.ofSeconds(1).toNanos());
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
    for (ConsumerRecord<String, byte[]> record : current.poll(POLL)) {
      TopicPartition partition = new TopicPartition(record.topic(), record.partition());
      acknowledgements.add(partition, record.offset());
      handle(record, () -> acknowledgements.acknowledge(partition, record.offset()));
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
              // The next commit covers it; a repeated command is known to the journal.
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
    RecordFormat.Decoded decoded;
    SandboxCommand command;
    try {
      decoded = decode(record);
      command = command(decoded);
    } catch (UnreadableRecordException e) {
      LOG.warnf(
          "unreadable command set aside partition=%d offset=%d: %s",
          record.partition(), record.offset(), e.getMessage());
      outbox.setAside(record, String.valueOf(e.getMessage()));
      acknowledge.run();
      return;
    }
    String workspaceId = decoded.envelope().workspaceId();
    switch (command) {
      case SandboxCommand.RunTool run -> calls.run(run, workspaceId, acknowledge);
      case SandboxCommand.CancelTools cancel -> calls.cancel(cancel, workspaceId, acknowledge);
      case SandboxCommand.DeleteSandbox delete -> calls.delete(delete, acknowledge);
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

  private static SandboxCommand command(RecordFormat.Decoded decoded)
      throws UnreadableRecordException {
    SandboxCommand command;
    try {
      command = Json.read(decoded.json(), SandboxCommand.class);
    } catch (UncheckedIOException e) {
      throw new UnreadableRecordException("the body is not a command this service knows", e);
    }
    boolean complete =
        switch (command) {
          case SandboxCommand.RunTool run ->
              isPresent(run.sessionId()) && isPresent(run.toolUseId()) && isPresent(run.name());
          case SandboxCommand.CancelTools cancel ->
              isPresent(cancel.sessionId()) && isPresent(cancel.toolUseIds());
          case SandboxCommand.DeleteSandbox delete -> isPresent(delete.sessionId());
        };
    if (!complete) {
      throw new UnreadableRecordException("a required field of the command is missing");
    }
    return command;
  }

  /// JSON may leave out what the type says is there.
  private static boolean isPresent(@Nullable Object value) {
    return value != null;
  }

  private Consumer<String, byte[]> newConsumer() {
    Map<String, Object> configuration = new HashMap<>();
    configuration.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, settings.bootstrapServers());
    configuration.put(ConsumerConfig.GROUP_ID_CONFIG, "sandbox");
    configuration.put(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, settings.instance());
    configuration.put(ConsumerConfig.CLIENT_ID_CONFIG, "sandbox");
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
      LOG.infof("reading commands of %d partitions", partitions.size());
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
