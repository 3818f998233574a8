package io.steward.harness.partition;

import io.steward.harness.decide.Decision;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;

/// A decided step on its way into a transaction.
///
/// @param group our membership when it was decided; the broker refuses an outdated one
/// @param resultOffsets offsets on `tool-results` that the decision uses up
record ReadyStep(
    OwnedSession owned, Decision decision, ConsumerGroupMetadata group, List<Long> resultOffsets) {

  boolean sameMembership(ReadyStep other) {
    return Membership.isSame(group, other.group);
  }
}
