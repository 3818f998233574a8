package io.steward.harness.takeover;

import io.steward.harness.partition.Mail;
import io.steward.harness.partition.PartitionLoop;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.kafka.lag.ConsumerLag;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.WakeupException;
import org.jboss.logging.Logger;

/// The group's member that reads `session-events`. Partitions come and go with the group; a new one
/// stays paused until its take-over says from where to read.
///
/// A member with a name that somebody else has taken joins again, a few times: a coordinator that
/// has just come back may have mistaken it for somebody else. Of two instances that really have the
/// same name one is left over.
final class EventReader implements Runnable, ConsumerRebalanceListener {
  private static final Logger LOG = Logger.getLogger(EventReader.class);
  private static final Duration POLL = Duration.ofMillis(50);
  private static final Duration CLOSE = Duration.ofSeconds(1);
  private static final Duration REJOIN_PAUSE = Duration.ofSeconds(1);

  /// How often the name may be taken within [#REPLACED_WITHIN] before this instance gives up.
  private static final int REPLACED_MAX = 3;

  private static final Duration REPLACED_WITHIN = Duration.ofMinutes(1);

  private final Supplier<Consumer<String, byte[]>> members;
  private final Ownership ownership;
  private final ConsumerLag lag = new ConsumerLag();
  private final Queue<Runnable> commands = new ConcurrentLinkedQueue<>();

  /// What was last told to the loops. A partition that is not among the keys waits for take-over.
  private final Map<TopicPartition, Long> positions = new HashMap<>();

  private volatile Consumer<String, byte[]> consumer;
  private volatile ConsumerGroupMetadata membership;
  private volatile long polls;
  private volatile int partitions;
  private volatile boolean joined;
  private volatile boolean stopped;

  /// @param members makes a member of the group
  EventReader(Supplier<Consumer<String, byte[]>> members, Ownership ownership) {
    this.members = members;
    this.ownership = ownership;
    this.consumer = members.get();
    this.membership = consumer.groupMetadata();
  }

  /// Who works on which partition.
  interface Ownership {
    void gained(int partition);

    void lost(int partition);

    /// @return the loop of a partition that is ours
    PartitionLoop loop(int partition);
  }

  ConsumerGroupMetadata membership() {
    return membership;
  }

  /// Whether the group has given us partitions, be it none.
  boolean hasJoined() {
    return joined;
  }

  /// How often was polled so far.
  long polls() {
    return polls;
  }

  /// Offsets of its partitions that were not read yet, as of a moment ago.
  long lag() {
    return lag.records();
  }

  /// How many partitions the topic has, whoever owns them; 0 until the group has given us some, be
  /// it none.
  int partitions() {
    return partitions;
  }

  /// Starts to deliver a partition from `offset` on.
  void readFrom(int partition, long offset) {
    TopicPartition events = new TopicPartition(Topics.SESSION_EVENTS, partition);
    commands.add(() -> {
      if (consumer.assignment().contains(events)) {
        consumer.seek(events, offset);
        consumer.resume(List.of(events));
        positions.put(events, offset);
      }
    });
    consumer.wakeup();
  }

  void stop() {
    stopped = true;
    consumer.wakeup();
  }

  @Override
  public void run() {
    Deque<Long> replacedNanos = new ArrayDeque<>();
    read();
    while (!stopped) {
      long now = System.nanoTime();
      replacedNanos.removeIf(nanos -> now - nanos > REPLACED_WITHIN.toNanos());
      replacedNanos.add(now);
      if (replacedNanos.size() >= REPLACED_MAX) {
        LOG.errorf("Another instance has the name of this one, which gives up");
        return;
      }
      rest(REJOIN_PAUSE);
      consumer = members.get();
      read();
    }
  }

  /// Reads until told to stop, or until another one has the name of this member.
  private void read() {
    consumer.subscribe(List.of(Topics.SESSION_EVENTS), this);
    boolean replaced = false;
    while (!stopped && !replaced) {
      try {
        for (Runnable command = commands.poll(); command != null; command = commands.poll()) {
          command.run();
        }
        ConsumerRecords<String, byte[]> records = consumer.poll(POLL);
        membership = consumer.groupMetadata();
        deliver(records);
        pauseFull();
        polls++;
        lag.look(consumer);
      } catch (WakeupException _) {
        // A command waits.
      } catch (FencedInstanceIdException e) {
        LOG.warnf("The name of this instance was taken: %s", e.getMessage());
        replaced = true;
      } catch (KafkaException e) {
        LOG.errorf(e, "Reading session-events failed");
        rest(POLL);
      }
    }
    leave();
  }

  private void leave() {
    joined = false;
    consumer.close(
        CloseOptions.timeout(CLOSE)
            .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
    positions.keySet().forEach(left -> ownership.lost(left.partition()));
    positions.clear();
    commands.clear();
  }

  private static void rest(Duration pause) {
    try {
      Thread.sleep(pause);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /// Positions move without records too: the ends of transactions have offsets.
  private void deliver(ConsumerRecords<String, byte[]> records) {
    for (Map.Entry<TopicPartition, Long> entry : positions.entrySet()) {
      TopicPartition partition = entry.getKey();
      long position = position(records, partition, entry.getValue());
      if (position != entry.getValue()) {
        ownership
            .loop(partition.partition())
            .deliver(new Mail.Events(records.records(partition), position));
        entry.setValue(position);
      }
    }
  }

  /// Neither a wake-up nor a broker that does not answer may cost the records that are in hand.
  private long position(
      ConsumerRecords<String, byte[]> records, TopicPartition partition, long before) {
    try {
      return consumer.position(partition);
    } catch (KafkaException _) {
      List<ConsumerRecord<String, byte[]>> batch = records.records(partition);
      return batch.isEmpty() ? before : batch.getLast().offset() + 1;
    }
  }

  private void pauseFull() {
    Set<TopicPartition> full = new HashSet<>();
    Set<TopicPartition> free = new HashSet<>();
    for (TopicPartition partition : positions.keySet()) {
      boolean paused = consumer.paused().contains(partition);
      boolean isFull = ownership.loop(partition.partition()).isFull();
      if (isFull && !paused) {
        full.add(partition);
      } else if (!isFull && paused) {
        free.add(partition);
      }
    }
    consumer.pause(full);
    consumer.resume(free);
  }

  @Override
  public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
    for (TopicPartition partition : partitions) {
      consumer.seek(partition, 0); // Spares the question for the committed offset.
      consumer.pause(List.of(partition));
      ownership.gained(partition.partition());
    }
    membership = consumer.groupMetadata();
    countPartitions();
    joined = true;
    if (!partitions.isEmpty()) {
      LOG.infof("Partitions came: %s", numbers(partitions));
    }
  }

  /// A member knows its topic, and each change of it brings another assignment.
  private void countPartitions() {
    try {
      partitions = consumer.partitionsFor(Topics.SESSION_EVENTS).size();
    } catch (KafkaException e) {
      LOG.warnf("Not known how many partitions there are: %s", e.getMessage());
    }
  }

  @Override
  public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
    if (!partitions.isEmpty()) {
      LOG.infof("Partitions go: %s", numbers(partitions));
    }
    for (TopicPartition partition : partitions) {
      positions.remove(partition);
      ownership.lost(partition.partition());
    }
  }

  private static List<Integer> numbers(Collection<TopicPartition> partitions) {
    return partitions.stream().map(TopicPartition::partition).sorted().toList();
  }
}
