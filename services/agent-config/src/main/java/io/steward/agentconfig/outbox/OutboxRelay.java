package io.steward.agentconfig.outbox;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.steward.agentconfig.Settings;
import io.steward.agentconfig.metric.Metrics;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.kafka.BrokerAccess;
import io.steward.schemas.kafka.Envelope;
import io.steward.schemas.kafka.RecordFormat;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/// Publishes the outbox in order, on a thread of its own: at start what a former process left, then
/// whenever a transaction says that it added something.
@ApplicationScoped
public class OutboxRelay {
  private static final Logger LOG = Logger.getLogger(OutboxRelay.class);
  private static final int ROWS_MAX = 100;
  private static final long IDLE_SECONDS_MAX = 5;
  private static final long RETRY_MILLIS = 500;
  private static final String SOURCE = "/services/agent-config";
  private static final int ACKNOWLEDGED_MILLIS_MAX = 10_000;
  private static final int BLOCKED_MILLIS_MAX = 4_000;

  /// After this nothing more is sent of what a transaction holds, so that Kafka has it all, or
  /// never will, while no other replica can publish.
  private static final Duration SEND_TIME_MAX =
      PostgresOutbox.DRAIN_TIME_MAX.minusMillis(ACKNOWLEDGED_MILLIS_MAX + BLOCKED_MILLIS_MAX);

  private static final Duration CLOSE_MAX = Duration.ofSeconds(1);

  private final PostgresOutbox outbox;
  private final String brokers;
  private final RecordFormat format;
  private final Duration waitMax;
  private final Semaphore work = new Semaphore(1);
  private final Map<Long, CompletableFuture<Void>> waiters = new ConcurrentHashMap<>();
  private final Executor publishing = Executors.newVirtualThreadPerTaskExecutor();
  private final Thread thread =
      Thread.ofPlatform().daemon().name("outbox-relay").unstarted(this::run);
  private volatile boolean running = true;
  private volatile boolean caughtUp;
  private volatile boolean failing;
  private volatile int unpublished;

  OutboxRelay(
      PostgresOutbox outbox,
      Settings settings,
      RecordFormat format,
      Metrics metrics,
      @ConfigProperty(name = "kafka.bootstrap.servers", defaultValue = "localhost:19092")
          String brokers) {
    this.outbox = outbox;
    this.brokers = brokers;
    this.format = format;
    this.waitMax = settings.publishTimeout();
    metrics.show(
        "outbox.unpublished",
        "Records that are stored and not yet on Kafka; " + ROWS_MAX + " means at least as many",
        this,
        relay -> relay.unpublished);
    metrics.show(
        "outbox.failing",
        "1 while the outbox cannot be published, else 0",
        this,
        relay -> relay.failing ? 1 : 0);
  }

  void start(@Observes StartupEvent event) {
    thread.start();
  }

  void stop(@Observes ShutdownEvent event) throws InterruptedException {
    running = false;
    work.release();
    boolean _ = thread.join(CLOSE_MAX.multipliedBy(2));
  }

  /// Whether everything a former process left was published.
  boolean caughtUp() {
    return caughtUp && thread.isAlive();
  }

  /// The value, once everything that was committed with it is on Kafka.
  ///
  /// @throws ApiException 503 when Kafka does not acknowledge in time; the value stays stored and
  ///   is published later
  public <T> T published(Committed<T> committed) {
    if (committed.position() == 0) {
      return committed.value();
    }
    CompletableFuture<Void> waiter =
        waiters.computeIfAbsent(committed.position(), _ -> new CompletableFuture<>());
    work.release();
    try {
      waiter.get(waitMax.toMillis(), TimeUnit.MILLISECONDS);
      return committed.value();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ApiException(ApiError.unavailable("The service is stopping; try again."));
    } catch (TimeoutException | ExecutionException e) {
      throw new ApiException(
          ApiError.unavailable("The change is stored, but Kafka does not answer; try again."));
    } finally {
      waiters.remove(committed.position());
    }
  }

  private void run() {
    Producer<String, byte[]> producer = producer();
    try {
      while (running) {
        failing = !publishAll(producer);
        if (failing && running) {
          Thread.sleep(RETRY_MILLIS);
        } else if (work.tryAcquire(IDLE_SECONDS_MAX, TimeUnit.SECONDS)) {
          work.drainPermits();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      producer.close(CLOSE_MAX);
    }
  }

  private boolean publishAll(Producer<String, byte[]> producer) {
    try {
      PostgresOutbox.Drained drained;
      do {
        Set<Long> waiting = Set.copyOf(waiters.keySet());
        long giveUpNanos = System.nanoTime() + SEND_TIME_MAX.toNanos();
        drained = outbox.drain(ROWS_MAX, publishing, rows -> publish(producer, rows, giveUpNanos));
        unpublished = drained.found() - drained.published();
        if (drained.complete() && drained.found() < ROWS_MAX) {
          // Nothing is left of what was there before: another replica may have published some.
          waiting.forEach(this::release);
          caughtUp = true;
        }
      } while (drained.complete() && drained.found() == ROWS_MAX);
      return drained.complete();
    } catch (RuntimeException e) {
      if (running) {
        LOG.warnf("the outbox could not be published, trying again: %s", e);
      }
      return false;
    }
  }

  /// How many of the rows, from the first on, are on Kafka now. The rest is published again, so
  /// that the order stays. What comes too late, or after one that failed, is not sent.
  private int publish(Producer<String, byte[]> producer, List<OutboxRow> rows, long giveUpNanos) {
    unpublished = rows.size();
    List<Future<RecordMetadata>> sent = new ArrayList<>(rows.size());
    for (OutboxRow row : rows) {
      if (System.nanoTime() - giveUpNanos > 0
          || (!sent.isEmpty() && sent.getLast().state() == Future.State.FAILED)) {
        break;
      }
      sent.add(producer.send(record(row)));
    }
    int count = 0;
    try {
      for (Future<RecordMetadata> future : sent) {
        future.get(ACKNOWLEDGED_MILLIS_MAX, TimeUnit.MILLISECONDS);
        release(Objects.requireNonNull(rows.get(count).position));
        count++;
      }
    } catch (ExecutionException | TimeoutException e) {
      LOG.warnf("Kafka did not take a record, trying again: %s", e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return count;
  }

  private void release(long position) {
    CompletableFuture<Void> waiter = waiters.get(position);
    if (waiter != null) {
      waiter.complete(null);
    }
  }

  private ProducerRecord<String, byte[]> record(OutboxRow row) {
    if (row.document == null) {
      return new ProducerRecord<>(row.topic, row.recordKey, null);
    }
    Envelope envelope =
        new Envelope(
            row.recordId, row.type, SOURCE, row.subject, row.createdAt, row.workspaceId, 1, null);
    byte[] json = row.document.getBytes(StandardCharsets.UTF_8);
    return format.encode(row.topic, -1, row.recordKey, envelope, json);
  }

  private Producer<String, byte[]> producer() {
    Map<String, Object> properties = BrokerAccess.settings();
    properties.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, brokers);
    properties.put(ProducerConfig.CLIENT_ID_CONFIG, "agent-config-outbox");
    properties.put(ProducerConfig.ACKS_CONFIG, "all");
    properties.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    properties.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 8 * 1024 * 1024);
    properties.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 3_000);
    properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, ACKNOWLEDGED_MILLIS_MAX - 1_000);
    properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, BLOCKED_MILLIS_MAX);
    return new KafkaProducer<>(properties, new StringSerializer(), new ByteArraySerializer());
  }
}
