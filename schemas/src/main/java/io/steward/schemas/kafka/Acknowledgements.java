package io.steward.schemas.kafka;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/// Which records are done, in any order, and up to where that lets a partition be committed: never
/// past a record that is not done. Records are added by the poll loop, acknowledged by any thread.
final class Acknowledgements {
  private final Map<TopicPartition, TreeMap<Long, Boolean>> partitions = new HashMap<>();
  private int open;

  synchronized void add(TopicPartition partition, long offset) {
    if (partitions.computeIfAbsent(partition, _ -> new TreeMap<>()).put(offset, false) == null) {
      open++;
    }
  }

  /// Again is no different from once; a record of a partition that went away is nothing.
  synchronized void acknowledge(TopicPartition partition, long offset) {
    TreeMap<Long, Boolean> records = partitions.get(partition);
    if (records != null && Boolean.FALSE.equals(records.replace(offset, true))) {
      open--;
    }
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
      while (!records.isEmpty() && records.firstEntry().getValue()) {
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
      TreeMap<Long, Boolean> records = partitions.remove(partition);
      if (records != null) {
        open -= (int) records.values().stream().filter(done -> !done).count();
      }
    }
  }
}
