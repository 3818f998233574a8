package io.steward.harness.partition;

import java.util.Collection;
import java.util.TreeSet;

/// How far `tool-results` was used up: everything below was written to the log, or dropped. A new
/// owner starts there.
final class ResultsCursor {
  private final TreeSet<Long> outstanding = new TreeSet<>();
  private long position;

  void start(long from) {
    position = from;
  }

  void received(long offset) {
    outstanding.add(offset);
  }

  void readUpTo(long next) {
    position = Math.max(position, next);
  }

  void settled(long offset) {
    outstanding.remove(offset);
  }

  void settled(Collection<Long> offsets) {
    outstanding.removeAll(offsets);
  }

  /// The position to commit with a transaction that uses up `offsets`.
  long positionAfter(Collection<Long> offsets) {
    for (long offset : outstanding) {
      if (!offsets.contains(offset)) {
        return offset;
      }
    }
    return position;
  }
}
