package io.steward.harness.partition;

import java.time.Duration;
import java.time.Instant;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.jspecify.annotations.Nullable;

/// When a transaction of a partition has to carry offsets, with which the group checks that the
/// partition is ours. The first one of a writer has to, so that an instance that does not know yet
/// that it lost the partition writes nothing with an id it has initialized again; so has one decided
/// under another membership than the last that was checked. Between those the id alone fences: the
/// next owner initializes it before it reads up to where it takes over ([ADR 36]).
///
/// [ADR 36]: docs/adr/0036-the-group-is-asked-now-and-then.md
final class Membership {
  /// As often as Kafka's consumers commit by default.
  static final Duration CHECKED_EVERY = Duration.ofSeconds(5);

  private @Nullable ConsumerGroupMetadata checked;
  private Instant checkedAt = Instant.MIN;

  /// Whether the next transaction has to carry offsets.
  boolean isDue(ConsumerGroupMetadata group, Instant now) {
    ConsumerGroupMetadata last = checked;
    return last == null
        || !isSame(last, group)
        || now.isBefore(checkedAt)
        || !now.isBefore(checkedAt.plus(CHECKED_EVERY));
  }

  /// A transaction with offsets was committed.
  void checked(ConsumerGroupMetadata group, Instant now) {
    checked = group;
    checkedAt = now;
  }

  /// There is another writer, or a transaction was not committed.
  void forget() {
    checked = null;
  }

  /// Whether it is the same member in the same generation.
  static boolean isSame(ConsumerGroupMetadata one, ConsumerGroupMetadata other) {
    return one.generationId() == other.generationId() && one.memberId().equals(other.memberId());
  }
}
