package io.steward.sessionlog.log;

import io.steward.schemas.kafka.DependencyAwayException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jboss.logging.Logger;

/// A thread that reads assigned partitions for ever and says how far it has come. Positions also
/// move over what has no record, such as the marker of a transaction. Nothing is skipped: a batch
/// that its reader cannot take is given to it again, and a reader that lost what it had taken can
/// make the tail go back, or begin anew.
public final class Tail implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(Tail.class);
  private static final Duration POLL = Duration.ofMillis(250);
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final Duration STOP = Duration.ofSeconds(2);

  /// Takes what was read.
  @FunctionalInterface
  public interface Reader {
    /// Called on the tail's thread, one batch after the other.
    ///
    /// @param after where each partition stands once this batch is done with
    void read(ConsumerRecords<String, byte[]> records, Map<TopicPartition, Long> after);
  }

  /// Thrown by a reader that lost what it was given from these offsets on. The batch it is taking
  /// is dropped and everything from there is read again.
  public static final class Rewind extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient Map<TopicPartition, Long> offsets;

    public Rewind(Map<TopicPartition, Long> offsets) {
      super("reads again from " + offsets);
      this.offsets = Map.copyOf(offsets);
    }
  }

  /// Where a tail begins: seeks in partitions that are already assigned. Asked again until it does
  /// not throw, and whenever the tail begins anew.
  @FunctionalInterface
  public interface Start {
    void seek(Consumer<String, byte[]> consumer, Set<TopicPartition> partitions);
  }

  private final Consumer<String, byte[]> consumer;
  private final Set<TopicPartition> partitions;
  private final Start start;
  private final Reader reader;
  private final Positions positions = new Positions();
  private final CountDownLatch started = new CountDownLatch(1);
  private final Thread thread;
  private final Map<TopicPartition, Integer> epochs = new ConcurrentHashMap<>();
  private volatile Map<TopicPartition, Long> ends = Map.of();
  private volatile boolean placed;
  private volatile boolean anew;
  private volatile boolean closed;

  public Tail(
      String name,
      Consumer<String, byte[]> consumer,
      Set<TopicPartition> partitions,
      Start start,
      Reader reader) {
    this.consumer = consumer;
    this.partitions = Set.copyOf(partitions);
    this.start = start;
    this.reader = reader;
    this.thread = Thread.ofPlatform().name(name).daemon().unstarted(this::run);
  }

  /// Begins to read, in the background.
  public void start() {
    thread.start();
  }

  /// How far this tail has come: every record below was given to its reader.
  public Positions positions() {
    return positions;
  }

  /// Whether the partitions are assigned and their first positions known.
  public boolean running() {
    return placed && thread.isAlive();
  }

  /// The epoch of the leader that wrote what lies before each position, where Kafka told it.
  public Map<TopicPartition, Integer> epochs() {
    return Map.copyOf(epochs);
  }

  /// Makes the tail ask soon where to begin, as at its start. Until it knows, it is not running.
  public void restart() {
    placed = false;
    anew = true;
  }

  /// How many offsets lie between what was given to the reader and the end of the partitions, as
  /// the last answer of Kafka told it.
  public long lag() {
    Map<TopicPartition, Long> done = positions.all();
    return ends.entrySet().stream()
        .mapToLong(end -> Math.max(0, end.getValue() - done.getOrDefault(end.getKey(), 0L)))
        .sum();
  }

  /// Waits until the first positions are known.
  public boolean awaitStart(Duration timeout) {
    try {
      return started.await(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public void close() {
    closed = true;
    if (thread.getState() == Thread.State.NEW) {
      consumer.close();
      return;
    }
    consumer.wakeup();
    try {
      thread.join(STOP);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try (consumer) {
      consumer.assign(partitions);
      begin();
      while (!closed) {
        if (anew) {
          begin();
        } else {
          step();
        }
      }
    } catch (WakeupException e) {
      LOG.debugf("%s was woken up to stop", thread.getName());
    }
  }

  private void begin() {
    String said = "";
    while (!closed) {
      anew = false;
      try {
        start.seek(consumer, partitions);
        Map<TopicPartition, Long> first = current();
        positions.rewind(first);
        positions.advance(first); // For those who wait.
        placed = true;
        started.countDown();
        return;
      } catch (WakeupException e) {
        throw e;
      } catch (RuntimeException e) {
        String reason = String.valueOf(e.getMessage());
        if (!reason.equals(said)) {
          LOG.warnf("%s cannot start yet: %s", thread.getName(), reason);
        }
        said = reason;
        pause();
      }
    }
  }

  private void step() {
    Map<TopicPartition, Long> before = positions.all();
    try {
      ConsumerRecords<String, byte[]> records = consumer.poll(POLL);
      records
          .nextOffsets()
          .forEach((partition, next) ->
              next.leaderEpoch().ifPresent(epoch -> epochs.put(partition, epoch)));
      Map<TopicPartition, Long> after = after(records);
      ends = ends(after);
      if (!records.isEmpty()) {
        give(records, after);
      }
      if (!after.equals(positions.all())) {
        positions.advance(after);
      }
    } catch (WakeupException e) {
      throw e;
    } catch (Rewind e) {
      rewind(before, e);
    } catch (InvalidOffsetException e) {
      LOG.errorf("%s is not on the log any more where it was: %s", thread.getName(), e);
      restart();
    } catch (RuntimeException | OutOfMemoryError e) { // Nobody would start this thread again.
      LOG.warnf("%s could not read: %s", thread.getName(), e);
      pause();
    }
  }

  private void give(ConsumerRecords<String, byte[]> records, Map<TopicPartition, Long> after) {
    while (!closed) {
      if (anew) {
        throw new Rewind(Map.of()); // What comes next is decided at the new beginning.
      }
      try {
        reader.read(records, after);
        return;
      } catch (Rewind e) {
        throw e;
      } catch (DependencyAwayException e) {
        LOG.warnf(
            "%s holds %d records: %s: %s",
            thread.getName(), records.count(), e.getMessage(), e.getCause());
        pause();
      } catch (RuntimeException | OutOfMemoryError e) {
        LOG.errorf(
            e, "%s could not take %d records and tries again", thread.getName(), records.count());
        pause();
      }
    }
    throw new WakeupException();
  }

  /// The batch being dropped may be of other partitions than those that were lost.
  private void rewind(Map<TopicPartition, Long> before, Rewind rewind) {
    LOG.warnf("%s %s", thread.getName(), rewind.getMessage());
    Map<TopicPartition, Long> from = new HashMap<>(before);
    from.putAll(rewind.offsets);
    from.forEach(consumer::seek);
    positions.rewind(from);
  }

  /// Where the partitions stand behind `records`, which must not be dropped when Kafka does not say
  /// it at once.
  private Map<TopicPartition, Long> after(ConsumerRecords<String, byte[]> records) {
    while (!closed) {
      try {
        return current();
      } catch (WakeupException | InvalidOffsetException e) {
        throw e;
      } catch (KafkaException e) {
        LOG.warnf(
            "%s holds %d records, its position is unknown: %s",
            thread.getName(), records.count(), e.getMessage());
        pause();
      }
    }
    throw new WakeupException();
  }

  private Map<TopicPartition, Long> current() {
    Map<TopicPartition, Long> current = new HashMap<>();
    for (TopicPartition partition : partitions) {
      current.put(partition, consumer.position(partition));
    }
    return current;
  }

  /// Where the partitions end for readers, as far as the last fetch told.
  private Map<TopicPartition, Long> ends(Map<TopicPartition, Long> after) {
    Map<TopicPartition, Long> known = new HashMap<>();
    after.forEach((partition, position) ->
        known.put(partition, position + Math.max(0, consumer.currentLag(partition).orElse(0))));
    return known;
  }

  private void pause() {
    try {
      Thread.sleep(PAUSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      closed = true;
    }
  }
}
