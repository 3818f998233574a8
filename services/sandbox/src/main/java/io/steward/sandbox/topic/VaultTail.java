package io.steward.sandbox.topic;

import io.steward.sandbox.egress.KnownVaults;
import io.steward.sandbox.egress.ProxyWaysOut;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.BrokerAccess;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.kafka.UnreadableRecordException;
import io.steward.schemas.vault.SandboxAuthority;
import io.steward.schemas.vault.VaultHead;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Reads `vaults` from its beginning and goes on for ever, as a member of no group: each instance
/// needs all of it. A record nobody can read is left out; vault-proxy decides what a sandbox gets,
/// and a variable that is missing here does no harm.
public final class VaultTail implements ProxyWaysOut.CatchUp, AutoCloseable {
  private static final Logger LOG = Logger.getLogger(VaultTail.class);
  private static final TopicPartition PARTITION = new TopicPartition(Topics.VAULTS, 0);
  private static final Duration POLL = Duration.ofMillis(250);
  private static final Duration QUESTION_MAX = Duration.ofSeconds(1);
  private static final Duration RESTART_PAUSE = Duration.ofSeconds(1);
  private static final Duration CLOSE_MAX = Duration.ofSeconds(2);
  private static final int FETCH_BYTES_MAX = 4 * 1024 * 1024;
  private static final int POLL_RECORDS_MAX = 500;

  private final String bootstrapServers;
  private final RecordFormat format;
  private final KnownVaults vaults;
  private final Thread thread;
  private final Queue<Wait> waits = new ConcurrentLinkedQueue<>();
  private volatile @Nullable Consumer<String, byte[]> consumer;
  private volatile boolean closed;

  /// Somebody who waits until the topic is read as far as it went when he asked. Only the tail's
  /// thread touches `end`.
  private static final class Wait {
    private final CompletableFuture<Boolean> over = new CompletableFuture<>();
    private long end = Long.MAX_VALUE;
  }

  public VaultTail(String bootstrapServers, RecordFormat format, KnownVaults vaults) {
    this.bootstrapServers = bootstrapServers;
    this.format = format;
    this.vaults = vaults;
    this.thread = Thread.ofPlatform().name("vault-tail").daemon().unstarted(this::run);
  }

  /// Begins to read, in the background.
  public void start() {
    thread.start();
  }

  @Override
  public boolean await(Duration longest) {
    Wait wait = new Wait();
    waits.add(wait);
    Consumer<String, byte[]> current = consumer;
    if (current != null) {
      current.wakeup();
    }
    try {
      return wait.over.completeOnTimeout(false, longest.toMillis(), TimeUnit.MILLISECONDS).join();
    } finally {
      waits.remove(wait);
    }
  }

  private void run() {
    while (!closed) {
      try (Consumer<String, byte[]> current = newConsumer()) {
        consumer = current;
        current.assign(List.of(PARTITION));
        current.seekToBeginning(List.of(PARTITION));
        while (!closed) {
          round(current);
        }
      } catch (RuntimeException e) {
        LOG.warnf("reading the topic of the vaults failed, starting over: %s", e);
        LockSupport.parkNanos(RESTART_PAUSE.toNanos());
      }
    }
  }

  private void round(Consumer<String, byte[]> current) {
    try {
      askEnd(current);
      for (ConsumerRecord<String, byte[]> record : current.poll(POLL)) {
        take(record);
      }
      if (!waits.isEmpty()) {
        long position = current.position(PARTITION, QUESTION_MAX);
        waits.stream()
            .filter(wait -> wait.end <= position)
            .forEach(wait -> wait.over.complete(true));
      }
    } catch (WakeupException e) {
      LOG.debug("somebody waits, or it is the end");
    } catch (TimeoutException e) {
      LOG.debugf("the topic of the vaults does not answer: %s", e);
    }
  }

  /// Asks once for all who began to wait before.
  private void askEnd(Consumer<String, byte[]> current) {
    List<Wait> fresh = waits.stream().filter(wait -> wait.end == Long.MAX_VALUE).toList();
    if (!fresh.isEmpty()) {
      long end =
          current
              .endOffsets(List.of(PARTITION), QUESTION_MAX)
              .getOrDefault(PARTITION, Long.MAX_VALUE);
      fresh.forEach(wait -> wait.end = end);
    }
  }

  private void take(ConsumerRecord<String, byte[]> record) {
    try {
      if (record.value() == null) {
        vaults.remove(record.key());
        return;
      }
      RecordFormat.Decoded decoded = format.decode(record);
      switch (decoded.envelope().type()) {
        case VaultHead.TYPE -> vaults.put(Json.read(decoded.json(), VaultHead.class));
        case SandboxAuthority.TYPE ->
            vaults.trust(Json.read(decoded.json(), SandboxAuthority.class));
        default -> LOG.debugf("a record of type %s is not needed", decoded.envelope().type());
      }
    } catch (UnreadableRecordException | RuntimeException e) {
      LOG.errorf(
          "a record of %s is left out, offset %d is unreadable: %s",
          record.topic(),
          record.offset(),
          e instanceof UnreadableRecordException ? e.getMessage() : e.getClass().getName());
    }
  }

  private Consumer<String, byte[]> newConsumer() {
    Map<String, Object> configuration = BrokerAccess.settings();
    configuration.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    configuration.put(ConsumerConfig.CLIENT_ID_CONFIG, "sandbox-vaults");
    configuration.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    configuration.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    configuration.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    configuration.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    configuration.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, FETCH_BYTES_MAX);
    configuration.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, POLL_RECORDS_MAX);
    configuration.put(ConsumerConfig.METADATA_MAX_AGE_CONFIG, 10_000);
    return new KafkaConsumer<>(
        configuration, new StringDeserializer(), new ByteArrayDeserializer());
  }

  @Override
  public void close() {
    closed = true;
    Consumer<String, byte[]> current = consumer;
    if (current != null) {
      current.wakeup();
    }
    LockSupport.unpark(thread);
    try {
      thread.join(CLOSE_MAX);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
