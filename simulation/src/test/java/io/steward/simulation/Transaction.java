package io.steward.simulation;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.apache.kafka.common.TopicPartition;

/// A transaction of one producer, from its first record to the last of its markers.
final class Transaction {
  private final String id;
  private final int epoch;
  private final String writer;
  private final Instant began;
  private final SortedSet<PartitionLog> partitions = new TreeSet<>(PartitionLog.ORDER);
  private final Map<TopicPartition, Long> offsets = new HashMap<>();
  private State state = State.OPEN;
  private boolean committed;

  /// How far it is.
  enum State {
    OPEN,
    /// It is decided what becomes of it; markers are on the way.
    DECIDED,
    ENDED
  }

  /// @param writer the process it belongs to, for reports
  Transaction(String id, int epoch, String writer, Instant began) {
    this.id = id;
    this.epoch = epoch;
    this.writer = writer;
    this.began = began;
  }

  String id() {
    return id;
  }

  int epoch() {
    return epoch;
  }

  String writer() {
    return writer;
  }

  Instant began() {
    return began;
  }

  State state() {
    return state;
  }

  boolean isCommitted() {
    return committed;
  }

  /// @return whether this is the first record there
  boolean touches(PartitionLog log) {
    return partitions.add(log);
  }

  SortedSet<PartitionLog> partitions() {
    return partitions;
  }

  Map<TopicPartition, Long> offsets() {
    return offsets;
  }

  void decide(boolean commit) {
    state = State.DECIDED;
    committed = commit;
  }

  void end() {
    state = State.ENDED;
  }
}
