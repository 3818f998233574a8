package io.steward.agentconfig.sessions;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.steward.agentconfig.Settings;
import io.steward.agentconfig.metric.Metrics;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.kafka.BrokerAccess;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.kafka.UnreadableRecordException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Follows `session-events` on a thread of its own, from the stored positions on, and says when it
/// has seen everything that was there at some moment. All partitions are assigned to every replica:
/// the rows are few and storing them twice changes nothing.
@ApplicationScoped
public class SessionTracker {
  private static final Logger LOG = Logger.getLogger(SessionTracker.class);
  private static final Duration POLL_MAX = Duration.ofMillis(500);
  private static final Duration STORE_AFTER = Duration.ofSeconds(10);
  private static final Duration CLOSE_MAX = Duration.ofSeconds(1);
  private static final long RETRY_MILLIS = 500;

  private final PostgresSessions sessions;
  private final String brokers;
  private final RecordFormat format;
  private final Metrics metrics;
  private final Duration waitMax;
  private final Queue<CompletableFuture<Void>> asked = new ConcurrentLinkedQueue<>();
  // Outlives a consumer that failed: the ends are offsets of the topic.
  private final List<Barrier> barriers = new ArrayList<>();
  private final Thread thread =
      Thread.ofPlatform().daemon().name("session-tracker").unstarted(this::run);
  private volatile boolean running = true;
  private volatile boolean following;
  private volatile long lag;
  private volatile @Nullable Consumer<String, byte[]> consumer;

  SessionTracker(
      PostgresSessions sessions,
      Settings settings,
      RecordFormat format,
      Metrics metrics,
      @ConfigProperty(name = "kafka.bootstrap.servers", defaultValue = "localhost:19092")
          String brokers) {
    this.sessions = sessions;
    this.brokers = brokers;
    this.format = format;
    this.metrics = metrics;
    this.waitMax = settings.sessionsTimeout();
    metrics.show(
        "sessions.lag", "Records of session-events not yet read", this, tracker -> tracker.lag);
    metrics.show(
        "sessions.failing",
        "1 while session-events cannot be followed, else 0",
        this,
        tracker -> tracker.following ? 0 : 1);
  }

  /// Someone who waits until `ends` are reached.
  private record Barrier(Map<TopicPartition, Long> ends, CompletableFuture<Void> reached) {}

  void start(@Observes StartupEvent event) {
    thread.start();
  }

  void stop(@Observes ShutdownEvent event) throws InterruptedException {
    running = false;
    wake();
    boolean _ = thread.join(CLOSE_MAX.multipliedBy(2));
  }

  /// Whether the topic is being read.
  boolean following() {
    return following && thread.isAlive();
  }

  /// Returns once everything that was committed to the topic before the call is stored.
  ///
  /// @throws ApiException 503 when that takes too long
  public void catchUp() {
    CompletableFuture<Void> reached = new CompletableFuture<>();
    asked.add(reached);
    wake();
    try {
      reached.get(waitMax.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      asked.remove(reached);
      reached.cancel(false);
      Thread.currentThread().interrupt();
      throw new ApiException(ApiError.unavailable("The service is stopping; try again."));
    } catch (TimeoutException | ExecutionException e) {
      asked.remove(reached);
      reached.cancel(false);
      throw new ApiException(
          ApiError.unavailable("It is not known yet which sessions there are; try again."));
    }
  }

  private void wake() {
    Consumer<String, byte[]> current = consumer;
    if (current != null) {
      current.wakeup();
    }
  }

  private void run() {
    while (running) {
      Consumer<String, byte[]> current = newConsumer();
      try {
        consumer = current;
        follow(current);
      } catch (WakeupException e) {
        LOG.debug("woken before the topic was assigned");
      } catch (RuntimeException e) {
        if (running) {
          LOG.warnf("session-events cannot be followed, trying again: %s", e);
        }
      } finally {
        following = false;
        consumer = null;
        current.close(CloseOptions.timeout(CLOSE_MAX));
      }
      pause();
    }
  }

  private void pause() {
    try {
      if (running) {
        Thread.sleep(RETRY_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      running = false;
    }
  }

  private void follow(Consumer<String, byte[]> current) {
    List<TopicPartition> partitions =
        current.partitionsFor(Topics.SESSION_EVENTS).stream()
            .map(info -> new TopicPartition(info.topic(), info.partition()))
            .toList();
    Map<Integer, Long> stored =
        sessions.positions(partitions.stream().map(TopicPartition::partition).toList());
    current.assign(partitions);
    partitions.forEach(p -> current.seek(p, stored.getOrDefault(p.partition(), 0L)));
    Map<Integer, Long> saved = new HashMap<>(stored);
    long storedAt = System.nanoTime();
    while (running) {
      ConsumerRecords<String, byte[]> records = poll(current);
      following = true;
      boolean due = System.nanoTime() - storedAt > STORE_AFTER.toNanos();
      for (TopicPartition partition : partitions) {
        store(partition, position(current, partition), records, saved, due);
      }
      storedAt = due ? System.nanoTime() : storedAt;
      lag = partitions.stream().mapToLong(p -> current.currentLag(p).orElse(0)).sum();
      accept(current, partitions);
      barriers.removeIf(barrier -> release(barrier, current));
    }
  }

  private ConsumerRecords<String, byte[]> poll(Consumer<String, byte[]> current) {
    try {
      return current.poll(POLL_MAX);
    } catch (WakeupException e) {
      return ConsumerRecords.empty();
    }
  }

  /// Positions alone are stored now and then; with a change they are stored at once.
  private void store(
      TopicPartition partition,
      long position,
      ConsumerRecords<String, byte[]> records,
      Map<Integer, Long> saved,
      boolean due) {
    List<SessionChange> changes = new ArrayList<>();
    for (ConsumerRecord<String, byte[]> record : records.records(partition)) {
      try {
        SessionChange.read(record, format).ifPresent(changes::add);
      } catch (UnreadableRecordException e) {
        LOG.warnf("record %s@%d is unreadable: %s", partition, record.offset(), e.getMessage());
        metrics.recordUnreadable();
      }
    }
    boolean moved = position > saved.getOrDefault(partition.partition(), 0L);
    if (!changes.isEmpty() || (due && moved)) {
      sessions.store(partition.partition(), position, changes);
      saved.put(partition.partition(), position);
    }
  }

  private void accept(Consumer<String, byte[]> current, List<TopicPartition> partitions) {
    // Seen before the ends are read: who asks later gets later ends. They stay in the queue until
    // the ends are known, so that a failed question loses nobody.
    List<CompletableFuture<Void>> now = List.copyOf(asked);
    if (now.isEmpty()) {
      return;
    }
    Map<TopicPartition, Long> ends = unbroken(() -> current.endOffsets(partitions));
    now.forEach(reached -> barriers.add(new Barrier(ends, reached)));
    asked.removeAll(now);
  }

  private long position(Consumer<String, byte[]> current, TopicPartition partition) {
    return unbroken(() -> current.position(partition));
  }

  /// Asks again when someone's wake-up broke the question off: it is meant for the poll alone.
  private <T> T unbroken(Supplier<T> question) {
    while (true) {
      try {
        return question.get();
      } catch (WakeupException e) {
        if (!running) {
          throw e;
        }
      }
    }
  }

  private boolean release(Barrier barrier, Consumer<String, byte[]> current) {
    boolean reached =
        barrier.ends().entrySet().stream()
            .allMatch(end -> position(current, end.getKey()) >= end.getValue());
    if (reached) {
      barrier.reached().complete(null);
    }
    return reached || barrier.reached().isDone();
  }

  private Consumer<String, byte[]> newConsumer() {
    Map<String, Object> properties = BrokerAccess.settings();
    properties.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, brokers);
    properties.put(ConsumerConfig.CLIENT_ID_CONFIG, "agent-config-sessions");
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    // Hardly a record concerns it, so it need not see each of them at once. A question about the
    // end waits for the fetch before it on the same connection.
    properties.put(ConsumerConfig.FETCH_MIN_BYTES_CONFIG, 512 * 1024);
    properties.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 200);
    properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    properties.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 4 * 1024 * 1024);
    properties.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 512 * 1024);
    properties.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 10_000);
    return new KafkaConsumer<>(properties, new StringDeserializer(), new ByteArrayDeserializer());
  }
}
