package io.steward.vaultproxy.topic;

import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.BrokerAccess;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.kafka.UnreadableRecordException;
import io.steward.schemas.sandbox.SandboxAccess;
import io.steward.schemas.sandbox.SandboxEvent;
import io.steward.schemas.sandbox.SandboxOutput;
import io.steward.vaultproxy.admission.RunningSandboxes;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Reads all of `sandbox-events`, from its beginning and then as it grows, on a thread of its own:
/// every instance of the service has to know every sandbox, so there is no group. While Kafka is
/// away, what is known stays. A record nobody can read is a line in the log and a count: set aside
/// by each instance, it would be there as often as there are instances.
public final class SandboxTail implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(SandboxTail.class);
  private static final Duration POLL = Duration.ofMillis(250);
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final Duration CLOSE_MAX = Duration.ofSeconds(2);

  /// How often partitions that were added are looked for.
  private static final Duration PARTITIONS_LOOK = Duration.ofMinutes(1);

  private static final int CALL_MILLIS_MAX = 10_000;
  private static final int FETCH_BYTES_MAX = 4 * 1024 * 1024;
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

  private final String bootstrapServers;
  private final RecordFormat format;
  private final RunningSandboxes sandboxes;
  private final Consumer<byte[]> ended;
  private final AtomicLong ignored = new AtomicLong();
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final Thread thread =
      Thread.ofPlatform().daemon().name(Topics.SANDBOX_EVENTS).unstarted(this::run);
  // Where the partitions ended when they were first seen; the thread's own.
  private final Map<TopicPartition, Long> firstEnds = new HashMap<>();
  private final Set<TopicPartition> assigned = new HashSet<>();
  private long lookedAtNanos;
  private volatile boolean caughtUp;
  private volatile @Nullable KafkaConsumer<String, byte[]> consumer;

  /// @param ended is told the SHA-256 of tokens that are nobody's any more
  public SandboxTail(
      String bootstrapServers,
      RecordFormat format,
      RunningSandboxes sandboxes,
      Consumer<byte[]> ended) {
    this.bootstrapServers = bootstrapServers;
    this.format = format;
    this.sandboxes = sandboxes;
    this.ended = ended;
  }

  public void start() {
    thread.start();
  }

  /// Whether everything that was on the topic at the start has been read.
  public boolean isCaughtUp() {
    return caughtUp && thread.isAlive();
  }

  /// Records nobody could read since the start.
  public long ignored() {
    return ignored.get();
  }

  @Override
  public void close() {
    stopping.countDown();
    KafkaConsumer<String, byte[]> current = consumer;
    if (current != null) {
      current.wakeup();
    }
    if (thread.getState() == Thread.State.NEW) {
      return;
    }
    try {
      boolean _ = thread.join(CLOSE_MAX);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    KafkaConsumer<String, byte[]> current = null;
    try {
      while (current == null && isRunning()) {
        current = connected();
      }
      consumer = current;
      while (current != null && isRunning()) {
        step(current);
      }
    } catch (WakeupException e) {
      LOG.debug("reading sandbox-events was told to stop");
    } finally {
      if (current != null) {
        current.close(CloseOptions.timeout(CLOSE_MAX));
      }
    }
  }

  private boolean isRunning() {
    return stopping.getCount() > 0;
  }

  private @Nullable KafkaConsumer<String, byte[]> connected() {
    try {
      Map<String, Object> configuration = BrokerAccess.settings();
      configuration.putAll(
          Map.of(
              ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
              bootstrapServers,
              ConsumerConfig.CLIENT_ID_CONFIG,
              "vault-proxy." + Topics.SANDBOX_EVENTS,
              ConsumerConfig.ISOLATION_LEVEL_CONFIG,
              "read_committed",
              ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
              "false",
              ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
              "earliest",
              ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG,
              "false",
              ConsumerConfig.FETCH_MAX_BYTES_CONFIG,
              FETCH_BYTES_MAX,
              ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG,
              CALL_MILLIS_MAX,
              ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
              CALL_MILLIS_MAX));
      return new KafkaConsumer<>(
          configuration, new StringDeserializer(), new ByteArrayDeserializer());
    } catch (RuntimeException e) {
      LOG.warnf("no connection to Kafka can be made, trying again: %s", e);
      pause();
      return null;
    }
  }

  /// What was read is taken before anything can fail, so nothing is skipped.
  private void step(KafkaConsumer<String, byte[]> current) {
    try {
      assign(current);
      if (assigned.isEmpty()) {
        pause();
        return;
      }
      for (ConsumerRecord<String, byte[]> record : current.poll(POLL)) {
        while (isRunning() && !isThrough(record)) {
          pause();
        }
      }
      caughtUp = caughtUp || isAtFirstEnds(current);
    } catch (WakeupException e) {
      throw e;
    } catch (RuntimeException | OutOfMemoryError e) { // Nobody would start this thread again.
      LOG.warnf("sandbox-events cannot be read now: %s", e);
      pause();
    }
  }

  private void assign(KafkaConsumer<String, byte[]> current) {
    long now = System.nanoTime();
    if (!assigned.isEmpty() && now - lookedAtNanos < PARTITIONS_LOOK.toNanos()) {
      return;
    }
    Set<TopicPartition> all = new HashSet<>();
    for (PartitionInfo partition : current.partitionsFor(Topics.SANDBOX_EVENTS)) {
      all.add(new TopicPartition(partition.topic(), partition.partition()));
    }
    lookedAtNanos = now;
    if (!all.isEmpty() && !all.equals(assigned)) {
      if (!caughtUp) {
        firstEnds.putAll(current.endOffsets(all));
      }
      current.assign(all);
      assigned.clear();
      assigned.addAll(all);
      LOG.infof("reading %d partitions of sandbox-events", all.size());
    }
  }

  private boolean isAtFirstEnds(KafkaConsumer<String, byte[]> current) {
    return firstEnds.entrySet().stream()
        .allMatch(end -> current.position(end.getKey()) >= end.getValue());
  }

  /// Whether the record is done with; otherwise it is given again.
  private boolean isThrough(ConsumerRecord<String, byte[]> record) {
    if (record.value() == null) {
      return true;
    }
    try {
      RecordFormat.Decoded decoded = format.decode(record);
      if (!decoded.envelope().type().equals(SandboxOutput.TYPE)) {
        sandboxes.take(event(decoded)).forEach(ended);
      }
    } catch (UncheckedIOException e) {
      if (!(e.getCause() instanceof NoSuchFileException)) {
        LOG.warnf("the blob store cannot be read, trying again: %s", e.getMessage());
        return false;
      }
      ignore(record, e);
    } catch (UnreadableRecordException | RuntimeException e) {
      ignore(record, e);
    }
    return true;
  }

  private static SandboxEvent event(RecordFormat.Decoded decoded) throws UnreadableRecordException {
    SandboxEvent event;
    try {
      event = Json.read(decoded.json(), SandboxEvent.class);
    } catch (UncheckedIOException e) {
      throw new UnreadableRecordException("the body is not an event this service knows", e);
    }
    if (!isComplete(event)) {
      throw new UnreadableRecordException("a required field of the event is missing");
    }
    return event;
  }

  /// JSON may leave out what the type says is there.
  private static boolean isComplete(SandboxEvent event) {
    SandboxAccess access = event.access();
    boolean needed = event.type() == SandboxEvent.Type.ACCESS_CHANGED;
    return isPresent(event.type())
        && isPresent(event.sessionId())
        && isPresent(event.incarnation())
        && (access == null ? !needed : isComplete(access));
  }

  private static boolean isComplete(SandboxAccess access) {
    return isPresent(access.tokenSha256())
        && SHA256.matcher(access.tokenSha256()).matches()
        && isPresent(access.workspaceId())
        && isPresent(access.networking())
        && isPresent(access.network());
  }

  private static boolean isPresent(@Nullable Object value) {
    return value != null;
  }

  private void ignore(ConsumerRecord<String, byte[]> record, Exception failure) {
    ignored.incrementAndGet();
    LOG.errorf(
        "a record of %s is ignored, partition %d, offset %d: %s",
        record.topic(), record.partition(), record.offset(), failure.getMessage());
  }

  private void pause() {
    try {
      boolean _ = stopping.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      stopping.countDown();
    }
  }
}
