package io.steward.harness.takeover;

import io.steward.harness.log.SnapshotQueries;
import io.steward.harness.partition.Mail;
import io.steward.harness.partition.PartitionLoop;
import io.steward.schemas.kafka.Topics;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jboss.logging.Logger;

/// Reads, for each partition of `session-events` that is ours, the same partition of `tool-results`
/// and `session-snapshots`. It assigns them itself, because group assignors do not keep topics
/// together.
final class SiblingReader implements Runnable {
  private static final Logger LOG = Logger.getLogger(SiblingReader.class);
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration CLOSE = Duration.ofMillis(500);

  private final Consumer<String, byte[]> consumer;
  private final SnapshotQueries queries;
  private final Map<Integer, PartitionLoop> loops;
  private final BlockingQueue<Runnable> commands = new LinkedBlockingQueue<>();
  private volatile boolean stopped;

  SiblingReader(
      Consumer<String, byte[]> consumer,
      SnapshotQueries queries,
      Map<Integer, PartitionLoop> loops) {
    this.consumer = consumer;
    this.queries = queries;
    this.loops = loops;
  }

  void readSnapshots(int partition, long from) {
    read(new TopicPartition(Topics.SESSION_SNAPSHOTS, partition), from);
  }

  void readResults(int partition, long from) {
    read(new TopicPartition(Topics.TOOL_RESULTS, partition), from);
  }

  private void read(TopicPartition wanted, long from) {
    command(() -> {
      Set<TopicPartition> all = new HashSet<>(consumer.assignment());
      all.add(wanted);
      consumer.assign(all);
      consumer.seek(wanted, from);
    });
  }

  /// The partition is no longer ours.
  void forget(int partition) {
    command(() -> {
      Set<TopicPartition> all = new HashSet<>(consumer.assignment());
      all.removeIf(assigned -> assigned.partition() == partition);
      consumer.assign(all);
    });
  }

  void stop() {
    stopped = true;
    consumer.wakeup();
  }

  private void command(Runnable command) {
    commands.add(command);
    consumer.wakeup();
  }

  @Override
  public void run() {
    while (!stopped) {
      try {
        for (Runnable command = commands.poll(); command != null; command = commands.poll()) {
          command.run();
        }
        if (consumer.assignment().isEmpty()) {
          awaitCommand();
        } else {
          deliver(consumer.poll(POLL));
          pauseFull();
        }
      } catch (WakeupException _) {
        // A command waits.
      } catch (KafkaException e) {
        LOG.errorf(e, "Reading tool results failed");
        pause();
      } catch (InterruptedException _) {
        stopped = true;
      }
    }
    consumer.close(CloseOptions.timeout(CLOSE));
  }

  private void awaitCommand() throws InterruptedException {
    Runnable command = commands.poll(POLL.toMillis(), TimeUnit.MILLISECONDS);
    if (command != null) {
      command.run();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(POLL);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void deliver(ConsumerRecords<String, byte[]> records) {
    for (TopicPartition partition : records.partitions()) {
      List<ConsumerRecord<String, byte[]>> batch = records.records(partition);
      if (partition.topic().equals(Topics.SESSION_SNAPSHOTS)) {
        batch.forEach(queries::accept);
      } else {
        PartitionLoop loop = loops.get(partition.partition());
        if (loop != null) {
          loop.deliver(new Mail.Results(batch, batch.getLast().offset() + 1));
        }
      }
    }
  }

  private void pauseFull() {
    for (TopicPartition partition : consumer.assignment()) {
      PartitionLoop loop = loops.get(partition.partition());
      boolean full = partition.topic().equals(Topics.TOOL_RESULTS) && loop != null && loop.isFull();
      if (full != consumer.paused().contains(partition)) {
        if (full) {
          consumer.pause(List.of(partition));
        } else {
          consumer.resume(List.of(partition));
        }
      }
    }
  }
}
