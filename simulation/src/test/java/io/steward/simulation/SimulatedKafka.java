package io.steward.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidTxnStateException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.jspecify.annotations.Nullable;

/// The broker: topics, transactions with epochs, committed offsets and one consumer group. What a
/// transaction decides is durable at once; its markers come later, one partition after another, as
/// with a real coordinator.
final class SimulatedKafka {
  static final Duration TRANSACTION_MAX = Duration.ofSeconds(3);

  private final Schedule schedule;
  private final Node broker;
  private final MemberGroup group;
  private final Commits commits;
  private final Map<TopicPartition, PartitionLog> logs = new HashMap<>();
  private final Map<String, Coordinator> coordinators = new HashMap<>();
  private final Map<String, Map<TopicPartition, Long>> committed = new HashMap<>();
  private int transactions;

  /// Hears of each transaction at the moment it is decided that it is committed.
  interface Commits {
    void committing(Transaction transaction);
  }

  private static final class Coordinator {
    private int epoch;
    private @Nullable Transaction current;
  }

  SimulatedKafka(Schedule schedule, MemberGroup group, Commits commits) {
    this.schedule = schedule;
    this.broker = new Node(schedule, "kafka");
    this.group = group;
    this.commits = commits;
  }

  PartitionLog log(String topic, int partition) {
    return logs.computeIfAbsent(new TopicPartition(topic, partition), PartitionLog::new);
  }

  /// How many transactions were committed.
  int transactions() {
    return transactions;
  }

  /// Whether no transaction is open or waits for markers.
  boolean isQuiet() {
    return coordinators.values().stream()
        .allMatch(coordinator ->
            coordinator.current == null || coordinator.current.state() == Transaction.State.ENDED);
  }

  long append(ProducerRecord<String, byte[]> record) {
    return log(record.topic(), record.partition()).append(record, null);
  }

  /// @return the epoch; all producers with lower ones are fenced
  int initTransactions(String id) {
    Coordinator coordinator = coordinator(id);
    Transaction left = coordinator.current;
    if (left != null && left.state() == Transaction.State.OPEN) {
      coordinator.epoch++;
      decide(left, false);
    }
    schedule.await(() ->
        coordinator.current == null || coordinator.current.state() == Transaction.State.ENDED);
    return ++coordinator.epoch;
  }

  /// Adds a record to the transaction of `id`, which is begun if there is none.
  long append(ProducerRecord<String, byte[]> record, String id, int epoch, String writer) {
    return log(record.topic(), record.partition()).append(record, open(id, epoch, writer));
  }

  /// @param member whose generation must be the group's, or null when nobody asks
  void sendOffsets(
      Map<TopicPartition, Long> offsets,
      @Nullable ConsumerGroupMetadata member,
      String id,
      int epoch,
      String writer) {
    Transaction transaction = open(id, epoch, writer);
    if (member != null && !group.isCurrent(member.memberId(), member.generationId())) {
      throw new CommitFailedException("generation " + member.generationId() + " is over");
    }
    transaction.offsets().putAll(offsets);
  }

  void end(String id, int epoch, boolean commit) {
    Transaction transaction = checked(id, epoch).current;
    if (transaction == null || transaction.epoch() != epoch) {
      if (commit) {
        throw new InvalidTxnStateException("nothing to commit");
      }
      return;
    }
    if (transaction.state() == Transaction.State.OPEN) {
      decide(transaction, commit);
    } else if (transaction.isCommitted() != commit) {
      throw new InvalidTxnStateException("it was decided otherwise");
    }
  }

  /// Up to where a group has used a partition up, once no transaction may still change it.
  long committedOffset(String groupName, TopicPartition partition) {
    schedule.await(() ->
        coordinators.values().stream()
            .map(coordinator -> coordinator.current)
            .noneMatch(transaction ->
                transaction != null
                    && transaction.state() != Transaction.State.ENDED
                    && transaction.offsets().containsKey(partition)));
    return committed.getOrDefault(groupName, Map.of()).getOrDefault(partition, 0L);
  }

  void commitOffset(String groupName, TopicPartition partition, long offset) {
    committed.computeIfAbsent(groupName, _ -> new HashMap<>()).put(partition, offset);
  }

  /// Aborts what was open for too long; its producer is fenced.
  void tick() {
    for (Coordinator coordinator : coordinators.values()) {
      Transaction transaction = coordinator.current;
      if (transaction != null
          && transaction.state() == Transaction.State.OPEN
          && transaction.began().plus(TRANSACTION_MAX).isBefore(schedule.now())) {
        schedule.trace("kafka", "aborts a transaction that took too long", transaction.id());
        coordinator.epoch++;
        decide(transaction, false);
      }
    }
  }

  private Coordinator coordinator(String id) {
    return coordinators.computeIfAbsent(id, _ -> new Coordinator());
  }

  private Coordinator checked(String id, int epoch) {
    Coordinator coordinator = coordinator(id);
    if (coordinator.epoch != epoch) {
      throw new ProducerFencedException("epoch " + epoch + " of " + id + " is over");
    }
    return coordinator;
  }

  private Transaction open(String id, int epoch, String writer) {
    Coordinator coordinator = checked(id, epoch);
    Transaction before = coordinator.current;
    if (before != null && before.state() == Transaction.State.DECIDED) {
      schedule.await(() -> before.state() == Transaction.State.ENDED);
      return open(id, epoch, writer);
    }
    if (before != null && before.state() == Transaction.State.OPEN) {
      return before;
    }
    Transaction begun = new Transaction(id, epoch, writer, schedule.now());
    coordinator.current = begun;
    return begun;
  }

  private void decide(Transaction transaction, boolean commit) {
    if (commit) {
      commits.committing(transaction);
      transactions++;
    }
    schedule.trace(transaction.writer(), commit ? "commits" : "is aborted", transaction.id());
    transaction.decide(commit);
    broker.spawn("markers", () -> writeMarkers(transaction));
  }

  private void writeMarkers(Transaction transaction) {
    List<PartitionLog> left = new ArrayList<>(transaction.partitions());
    Collections.shuffle(left, new Random(schedule.random().nextLong()));
    for (PartitionLog log : left) {
      schedule.pause();
      log.mark(transaction);
    }
    schedule.pause();
    if (transaction.isCommitted()) {
      transaction
          .offsets()
          .forEach((partition, offset) -> commitOffset(MemberGroup.NAME, partition, offset));
    }
    transaction.end();
  }
}
