package io.steward.harness.partition;

import io.steward.schemas.id.SessionId;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;

/// What a loop asks of the rest of the instance. All of it returns at once; answers come as [Mail].
public interface Surroundings {
  /// Our membership in the group, as of the last poll.
  ConsumerGroupMetadata membership();

  /// Ask session-log for one session, as of `offset`.
  void wake(PartitionLoop loop, SessionId session, long offset);

  /// Get a new writer, if the partition is still ours after another poll.
  void reopen(PartitionLoop loop);
}
