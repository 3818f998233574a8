package io.steward.schemas.kafka;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/// Which records are done, in any order, and up to where that lets a partition be committed: never
/// past a record that is not done. Records are added by the poll loop, acknowledged by any thread.
final class Acknowledgements {
  /// In place of the time of a record that is done.
  private static final long DONE = -1;

  private final Map<TopicPartition, TreeMap<Long, Long>> partitions = new HashMap<>();
  private int open;

  /// @param millis when the record was written, since 1970; from 0
  synchronized void add(TopicPartition partition, long offset, long millis) {
    long time = Math.max(0, millis);
    if (partitions.computeIfAbsent(partition, _ -> new TreeMap<>()).put(offset, time) == null) {
      open++;
    }
  }

  /// Again is no different from once; a record of a partition that went away is nothing.
  synchronized void acknowledge(TopicPartition partition, long offset) {
    TreeMap<Long, Long> records = partitions.get(partition);
    Long before = records == null ? null : records.replace(offset, DONE);
    if (before != null && before != DONE) {
      open--;
    }
  }

  /// When the oldest record was written that is not done, in milliseconds since 1970.
  synchronized OptionalLong oldestMillis() {
    return partitions.values().stream()
        .flatMap(records -> records.values().stream())
        .mapToLong(Long::longValue)
        .filter(time -> time != DONE)
        .min();
  }

  /// Records that are not done.
  synchronized int open() {
    return open;
  }

  /// What can be committed since the last time: the offset behind the last record of the done start
  /// of each partition.
  synchronized Map<TopicPartition, OffsetAndMetadata> takeCommittable() {
    Map<TopicPartition, OffsetAndMetadata> committable = new HashMap<>();
    partitions.forEach((partition, records) -> {
      long next = -1;
      while (!records.isEmpty() && records.firstEntry().getValue() == DONE) {
        next = records.pollFirstEntry().getKey() + 1;
      }
      if (next >= 0) {
        committable.put(partition, new OffsetAndMetadata(next));
      }
    });
    return committable;
  }

  synchronized void forget(Collection<TopicPartition> gone) {
    for (TopicPartition partition : gone) {
      TreeMap<Long, Long> records = partitions.remove(partition);
      if (records != null) {
        open -= (int) records.values().stream().filter(time -> time != DONE).count();
      }
    }
  }
}
