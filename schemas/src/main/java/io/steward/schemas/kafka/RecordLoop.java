package io.steward.schemas.kafka;

import io.steward.schemas.kafka.lag.ConsumerLag;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.CloseOptions.GroupMembershipOperation;
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
import org.jspecify.annotations.Nullable;

/// Reads one topic with one thread and hands records over without waiting for them. What is not
/// done is bounded; at the bound it stops reading until some are, which holds up all partitions of
/// this instance.
///
/// | what happens | what the loop does |
/// | --- | --- |
/// | nobody can read the record | sets it aside on the dead letter topic, and goes on |
/// | its handler throws | tries [#TRIES_MAX] times in all, sets it aside, and goes on |
/// | something the handler needs is away, or the blob store | tries for ever; reads nothing else |
/// | Kafka fails | starts over, from the last committed record |
///
/// The member is static: an instance that was killed and starts again gets its partitions at once.
/// One that is closed leaves the group, so that others get them at once.
public final class RecordLoop implements AutoCloseable {
  /// How often a record is handed over whose handler throws.
  public static final int TRIES_MAX = 5;

  private static final System.Logger LOG = System.getLogger(RecordLoop.class.getName());
  private static final double MILLIS_PER_SECOND = 1_000;
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration RETRY_PAUSE = Duration.ofMillis(200);
  private static final Duration RESTART_PAUSE = Duration.ofSeconds(1);
  private static final Duration COMMIT_MAX = Duration.ofSeconds(1);
  private static final Duration LEAVE_MAX = Duration.ofSeconds(1);
  private static final Duration CLOSE_MAX = Duration.ofSeconds(3);
  private static final int FETCH_BYTES_MAX = 4 * 1024 * 1024;
  private static final int POLL_RECORDS_MAX = 50;
  private static final int SESSION_TIMEOUT_MS = 10_000;
  // Also how long the client waits for an answer to its wish to join, before it asks again.
  private static final int POLL_INTERVAL_MS_MAX = 30_000;

  private final Settings settings;
  private final String topic;
  private final RecordFormat format;
  private final RecordHandler handler;
  private final RecordSender sender;
  private final Thread thread;
  private final ConsumerLag lag = new ConsumerLag();
  private final AtomicLong setAside = new AtomicLong();
  // Read, and not yet handed over; only the loop's thread touches it.
  private final Deque<Unhandled> unhandled = new ArrayDeque<>();
  private volatile Acknowledgements acknowledgements = new Acknowledgements();
  private volatile boolean stopping;
  private volatile boolean assigned;
  private volatile boolean heldUp;
  private volatile @Nullable Consumer<String, byte[]> consumer;

  /// @param topic the topic it reads
  /// @param group the consumer group
  /// @param instance names this instance to the group, the same after a restart
  /// @param openMax records that may be read and not yet acknowledged, from 1
  public record Settings(
      String bootstrapServers, String topic, String group, String instance, int openMax) {}

  /// A record and how it went so far.
  private static final class Unhandled {
    private final ConsumerRecord<String, byte[]> record;
    private final Runnable acknowledge;
    private int failures;
    private @Nullable String letterReason;

    Unhandled(ConsumerRecord<String, byte[]> record, Runnable acknowledge) {
      this.record = record;
      this.acknowledge = acknowledge;
    }
  }

  /// @param sender sends what is set aside; it is closed by its owner, after the loop
  public RecordLoop(
      Settings settings, RecordFormat format, RecordHandler handler, RecordSender sender) {
    this.settings = settings;
    this.topic = settings.topic();
    this.format = format;
    this.handler = handler;
    this.sender = sender;
    this.thread = Thread.ofPlatform().name(topic).unstarted(this::run);
  }

  public void start() {
    thread.start();
  }

  /// Whether it takes part in reading the topic; another instance may have all its partitions.
  public boolean isReading() {
    return assigned;
  }

  /// Whether it waits for something that is away.
  public boolean isHeldUp() {
    return heldUp;
  }

  /// Records that were read and are not done.
  public int open() {
    return acknowledgements.open();
  }

  /// Offsets of its partitions that were not read yet, as of a moment ago.
  public long lag() {
    return lag.records();
  }

  /// How old the oldest record is that was read and is not done, in seconds; 0 without one.
  public double oldestSeconds(Instant now) {
    OptionalLong written = acknowledgements.oldestMillis();
    return written.isEmpty()
        ? 0
        : Math.max(0, now.toEpochMilli() - written.getAsLong()) / MILLIS_PER_SECOND;
  }

  /// Records that were set aside since the start.
  public long setAside() {
    return setAside.get();
  }

  private void run() {
    while (!stopping) {
      Consumer<String, byte[]> current = null;
      try {
        current = newConsumer();
        consumer = current;
        acknowledgements = new Acknowledgements();
        unhandled.clear();
        handler.beforeReading();
        current.subscribe(List.of(topic), new Assignment(current));
        while (!stopping) {
          round(current);
        }
      } catch (WakeupException e) {
        // Told to stop.
      } catch (RuntimeException | StackOverflowError e) {
        if (!stopping) {
          LOG.log(Level.ERROR, "reading " + topic + " failed, starting over", e);
        }
      } finally {
        assigned = false;
        heldUp = false;
        close(current);
      }
      if (!stopping) {
        LockSupport.parkNanos(RESTART_PAUSE.toNanos());
      }
    }
  }

  /// What is done is committed first, as far as it can be.
  private void close(@Nullable Consumer<String, byte[]> current) {
    if (current == null) {
      return;
    }
    commitNow(current);
    try {
      current.close(
          CloseOptions.timeout(LEAVE_MAX)
              .withGroupMembershipOperation(
                  stopping
                      ? GroupMembershipOperation.LEAVE_GROUP
                      : GroupMembershipOperation.REMAIN_IN_GROUP));
    } catch (KafkaException e) {
      LOG.log(Level.DEBUG, "the consumer of " + topic + " was not closed in order", e);
    }
  }

  private void round(Consumer<String, byte[]> current) {
    if (!unhandled.isEmpty() || acknowledgements.open() >= settings.openMax()) {
      current.pause(current.assignment());
    } else if (!current.paused().isEmpty()) {
      current.resume(current.paused());
    }
    Acknowledgements mine = acknowledgements;
    for (ConsumerRecord<String, byte[]> record :
        current.poll(unhandled.isEmpty() ? POLL : RETRY_PAUSE)) {
      TopicPartition partition = new TopicPartition(record.topic(), record.partition());
      mine.add(partition, record.offset(), record.timestamp());
      unhandled.add(new Unhandled(record, () -> mine.acknowledge(partition, record.offset())));
    }
    while (!stopping && !unhandled.isEmpty() && isThrough(unhandled.getFirst())) {
      unhandled.removeFirst();
      goOn();
    }
    commit(current);
    lag.look(current);
  }

  /// Whether the record was handed over or set aside. Otherwise it is tried again.
  private boolean isThrough(Unhandled next) {
    if (next.record.value() == null) {
      next.acknowledge.run();
      return true;
    }
    try {
      if (next.letterReason == null) {
        handler.handle(decode(next.record), next.acknowledge);
        return true;
      }
    } catch (UnreadableRecordException e) {
      next.letterReason = String.valueOf(e.getMessage());
    } catch (DependencyAwayException e) {
      holdUp(next, e);
    } catch (RuntimeException | StackOverflowError e) {
      fail(next, e);
    }
    return next.letterReason != null && isSetAside(next, next.letterReason);
  }

  /// A blob that is not there may be on its way, so it is looked for again some times. A store that
  /// does not answer is no fault of the record.
  private RecordFormat.Decoded decode(ConsumerRecord<String, byte[]> record)
      throws UnreadableRecordException {
    try {
      RecordFormat.Decoded decoded = format.decode(record);
      if (decoded.envelope().schemaVersion() > RecordFormat.SCHEMA_VERSION) {
        throw new UnreadableRecordException(
            "its schema version %d is newer than %d, the newest this version reads"
                .formatted(decoded.envelope().schemaVersion(), RecordFormat.SCHEMA_VERSION));
      }
      return decoded;
    } catch (UncheckedIOException e) {
      if (e.getCause() instanceof NoSuchFileException) {
        throw new IllegalStateException("the blob store does not have its body", e);
      }
      throw new DependencyAwayException("the blob store", e);
    }
  }

  private void fail(Unhandled next, Throwable failure) {
    next.failures++;
    if (next.failures == TRIES_MAX) {
      LOG.log(Level.ERROR, "a record cannot be handled " + where(next.record), failure);
      next.letterReason = failure.getClass().getName() + ": " + failure.getMessage();
    }
  }

  private void holdUp(Unhandled next, RuntimeException failure) {
    if (!heldUp) {
      LOG.log(
          Level.WARNING,
          "reading waits " + where(next.record) + ": " + failure + ": " + failure.getCause());
    }
    heldUp = true;
  }

  private void goOn() {
    if (heldUp) {
      LOG.log(Level.INFO, "reading {0} goes on", topic);
    }
    heldUp = false;
  }

  private boolean isSetAside(Unhandled next, String reason) {
    try {
      sender.setAside(next.record, reason);
    } catch (KafkaException e) {
      holdUp(next, e);
      return false;
    }
    LOG.log(Level.WARNING, "record set aside " + where(next.record) + ": " + reason);
    setAside.incrementAndGet();
    next.acknowledge.run();
    return true;
  }

  private static String where(ConsumerRecord<String, byte[]> record) {
    return "topic=%s partition=%d offset=%d"
        .formatted(record.topic(), record.partition(), record.offset());
  }

  private void commit(Consumer<String, byte[]> current) {
    Map<TopicPartition, OffsetAndMetadata> done = acknowledgements.takeCommittable();
    if (!done.isEmpty()) {
      current.commitAsync(
          done,
          (_, failure) -> {
            if (failure != null) {
              // The next commit covers it, and doing a record again does no harm.
              LOG.log(Level.DEBUG, "offsets were not committed", failure);
            }
          });
    }
  }

  /// Commits before partitions go away. A wake-up is meant for the poll: it breaks this off once at
  /// the most, because only [#close] sends it.
  private void commitNow(Consumer<String, byte[]> current) {
    Map<TopicPartition, OffsetAndMetadata> done = acknowledgements.takeCommittable();
    for (int tries = 0; tries < 2 && !done.isEmpty(); tries++) {
      try {
        current.commitSync(done, COMMIT_MAX);
        return;
      } catch (WakeupException e) {
        LOG.log(Level.DEBUG, "woken while offsets were committed");
      } catch (KafkaException e) {
        LOG.log(Level.DEBUG, "offsets were not committed", e);
        return;
      }
    }
  }

  private Consumer<String, byte[]> newConsumer() {
    Map<String, Object> configuration = BrokerAccess.settings();
    configuration.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, settings.bootstrapServers());
    configuration.put(ConsumerConfig.GROUP_ID_CONFIG, settings.group());
    configuration.put(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, settings.instance());
    configuration.put(ConsumerConfig.CLIENT_ID_CONFIG, settings.group());
    configuration.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, SESSION_TIMEOUT_MS);
    configuration.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, SESSION_TIMEOUT_MS / 4);
    configuration.put(ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG, POLL_INTERVAL_MS_MAX);
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

  /// Tells it to stop, without waiting for it.
  public void stop() {
    stopping = true;
    Consumer<String, byte[]> current = consumer;
    if (current != null) {
      current.wakeup();
    }
    LockSupport.unpark(thread);
  }

  /// Commits what is done and leaves the group, within seconds. What is not done comes again.
  @Override
  public void close() {
    stop();
    try {
      thread.join(CLOSE_MAX);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private final class Assignment implements ConsumerRebalanceListener {
    private final Consumer<String, byte[]> current;

    Assignment(Consumer<String, byte[]> current) {
      this.current = current;
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      assigned = true;
      LOG.log(Level.INFO, "reading {0} partitions of {1}", partitions.size(), topic);
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
      commitNow(current);
      onPartitionsLost(partitions);
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
      acknowledgements.forget(partitions);
      unhandled.removeIf(next ->
          partitions.contains(new TopicPartition(next.record.topic(), next.record.partition())));
      heldUp = heldUp && !unhandled.isEmpty();
      assigned = false;
    }
  }
}
