package io.steward.harness.partition;

import io.steward.harness.decide.ModelOutcome;
import io.steward.harness.log.FoldedSession;
import io.steward.harness.log.TransactionalWriter;
import io.steward.harness.log.WriteResult;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.sandbox.ToolResult;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/// What reaches the loop of a partition.
public sealed interface Mail {
  /// Records of `session-events`, and how far the partition was read with them.
  record Events(List<ConsumerRecord<String, byte[]>> records, long position) implements Mail {}

  /// Records of `tool-results`, and how far the partition was read with them.
  record Results(List<ConsumerRecord<String, byte[]>> records, long position) implements Mail {}

  /// The partition is ours. Nothing is performed before `stableOffset` was reached.
  ///
  /// @param resultsPosition where reading of `tool-results` starts
  record TakenOver(
      TransactionalWriter writer,
      List<FoldedSession> unfinished,
      long stableOffset,
      long resultsPosition)
      implements Mail {}

  /// The writer was lost and there is a new one.
  record Reopened(TransactionalWriter writer, long stableOffset) implements Mail {}

  /// A session that was not in the cache.
  record Woken(SessionId id, FoldedSession session) implements Mail {}

  /// A model request ended.
  record Answered(SessionId id, String spanId, ModelOutcome outcome) implements Mail {}

  /// A search of this harness ended.
  record Searched(ToolResult result) implements Mail {}

  /// A transaction ended.
  ///
  /// @param offsets whether it carried offsets, so that the group was asked
  record Written(List<ReadyStep> steps, boolean offsets, WriteResult result) implements Mail {}

  /// No model is asked any more, until the partition goes.
  record Drain() implements Mail {}

  /// Nothing more will be done.
  record Stop() implements Mail {}
}
