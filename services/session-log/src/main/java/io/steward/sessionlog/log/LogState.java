package io.steward.sessionlog.log;

import java.util.Map;

/// A topic as Kafka has it now.
///
/// @param topicId is another one when the topic was deleted and made again under its name
/// @param partitions what each of them holds
public record LogState(String topicId, Map<Integer, Reach> partitions) {
  /// What a partition holds.
  ///
  /// @param first the lowest offset that can be read
  /// @param end one above the highest offset that cannot be lost any more
  /// @param leaderEpoch of the end; an epoch is the time of one leader, and only goes up
  public record Reach(long first, long end, int leaderEpoch) {}

  /// Looks at a topic.
  public interface Source {
    /// The id alone, which is asked for often.
    ///
    /// @throws io.steward.schemas.kafka.DependencyAwayException when Kafka does not answer
    String topicId();

    /// @throws io.steward.schemas.kafka.DependencyAwayException when Kafka does not answer
    LogState now();
  }
}
