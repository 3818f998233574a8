package io.steward.sessionlog.log;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.common.TopicPartition;

/// How far something has come in some partitions: every record below a position is done with.
/// Positions go back only when what was done is lost. Many threads may wait.
public final class Positions {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition moved = lock.newCondition();
  private final Map<TopicPartition, Long> positions = new HashMap<>();

  /// Moves forward; lower positions are ignored.
  public void advance(Map<TopicPartition, Long> next) {
    lock.lock();
    try {
      next.forEach((partition, offset) -> positions.merge(partition, offset, Math::max));
      moved.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Moves back to where things have to be done again.
  public void rewind(Map<TopicPartition, Long> lower) {
    lock.lock();
    try {
      positions.putAll(lower);
    } finally {
      lock.unlock();
    }
  }

  /// Moves one partition forward.
  public void advance(TopicPartition partition, long offset) {
    advance(Map.of(partition, offset));
  }

  /// The position in a partition, 0 when nothing is known.
  public long of(TopicPartition partition) {
    lock.lock();
    try {
      return positions.getOrDefault(partition, 0L);
    } finally {
      lock.unlock();
    }
  }

  /// All positions as they are now.
  public Map<TopicPartition, Long> all() {
    lock.lock();
    try {
      return Map.copyOf(positions);
    } finally {
      lock.unlock();
    }
  }

  /// Waits until a position is reached.
  ///
  /// @return false when it was not reached in time
  public boolean await(TopicPartition partition, long offset, Duration timeout) {
    long nanos = timeout.toNanos();
    lock.lock();
    try {
      while (positions.getOrDefault(partition, 0L) < offset) {
        if (nanos <= 0) {
          return false;
        }
        nanos = moved.awaitNanos(nanos);
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }
}
