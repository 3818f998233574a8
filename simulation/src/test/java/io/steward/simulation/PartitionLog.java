package io.steward.simulation;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;

/// One partition of one topic. Records of a transaction are there at once and count when its marker
/// is there; the marker has an offset of its own.
final class PartitionLog {
  private final TopicPartition name;
  private final List<Entry> entries = new ArrayList<>();
  private final TreeMap<Long, Transaction> open = new TreeMap<>();

  PartitionLog(TopicPartition name) {
    this.name = name;
  }

  /// What is at an offset.
  ///
  /// @param record null for the marker of a transaction
  /// @param transaction null for a record that was written without one
  record Entry(@Nullable ConsumerRecord<String, byte[]> record, @Nullable Transaction transaction) {

    boolean counts() {
      return record != null && (transaction == null || transaction.isCommitted());
    }
  }

  /// Records in order, and the position behind everything that was looked at.
  record Fetched(List<ConsumerRecord<String, byte[]>> records, long position) {}

  TopicPartition name() {
    return name;
  }

  long end() {
    return entries.size();
  }

  /// Below it every transaction has ended.
  long stable() {
    return open.isEmpty() ? end() : open.firstKey();
  }

  Entry at(long offset) {
    return entries.get(Math.toIntExact(offset));
  }

  /// @return the offset of the record
  long append(ProducerRecord<String, byte[]> record, @Nullable Transaction transaction) {
    long offset = end();
    if (transaction != null && transaction.touches(this)) {
      open.put(offset, transaction);
    }
    entries.add(
        new Entry(
            new ConsumerRecord<>(
                name.topic(),
                name.partition(),
                offset,
                0,
                TimestampType.CREATE_TIME,
                record.key() == null ? 0 : record.key().length(),
                record.value() == null ? 0 : record.value().length,
                record.key(),
                record.value(),
                record.headers(),
                Optional.empty()),
            transaction));
    return offset;
  }

  /// Ends a transaction in this partition.
  void mark(Transaction transaction) {
    open.values().removeIf(transaction::equals);
    entries.add(new Entry(null, transaction));
  }

  /// What a consumer gets from `position` on.
  ///
  /// @param committed whether it is `read_committed`
  Fetched fetch(long position, boolean committed, int recordsMax) {
    List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();
    long limit = committed ? stable() : end();
    long next = position;
    while (next < limit && records.size() < recordsMax) {
      Entry entry = at(next++);
      ConsumerRecord<String, byte[]> record = entry.record();
      if (record != null && (!committed || entry.counts())) {
        records.add(record);
      }
    }
    return new Fetched(records, next);
  }

  static final Comparator<PartitionLog> ORDER =
      Comparator.comparing((PartitionLog log) -> log.name().topic())
          .thenComparingInt(log -> log.name().partition());
}
