package io.steward.sessionlog.project;

import io.steward.schemas.kafka.Topics;
import io.steward.sessionlog.log.LogState;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Whether the projection was made from the log that is there now. Kafka and PostgreSQL may have
/// been restored from different moments, or a topic made anew; reading on would mix two logs.
final class LogCheck {
  private static final String REMEDY =
      " Kafka and PostgreSQL are not of one moment; if Kafka is as it should be, run ./steward"
          + " reproject, which makes the projection again from the log (docs/operations.md).";

  private LogCheck() {}

  /// Why the projection must not be read on or shown, in one line.
  ///
  /// @param topicId of the log it was made from, null when that is not known
  /// @param positions how far each partition was read; 0 for none of it
  /// @param epochs of what was read last, where known
  static Optional<String> refusal(
      @Nullable String topicId,
      Map<Integer, Long> positions,
      Map<Integer, Integer> epochs,
      LogState log) {
    boolean begun = positions.values().stream().anyMatch(position -> position > 0);
    if (begun && topicId != null && !topicId.equals(log.topicId())) {
      return refusal(
          "the topic %s was made anew: its id is %s, and the projection was made from %s."
              .formatted(Topics.SESSION_EVENTS, log.topicId(), topicId));
    }
    for (var stored : new TreeMap<>(positions).entrySet()) {
      int partition = stored.getKey();
      long position = stored.getValue();
      LogState.Reach reach = log.partitions().get(partition);
      if (position == 0) {
        continue;
      }
      if (reach == null) {
        return refusal("partition %d is not there any more.".formatted(partition));
      }
      if (position > reach.end()) {
        return refusal(
            "partition %d ends at offset %d, and the projection has read it up to %d."
                .formatted(partition, reach.end(), position));
      }
      if (position < reach.first()) {
        return refusal(
            "partition %d begins at offset %d, and the projection has read it up to %d only."
                .formatted(partition, reach.first(), position));
      }
      Integer epoch = epochs.get(partition);
      if (epoch != null && epoch > reach.leaderEpoch()) {
        return refusal(
            "partition %d is at leader epoch %d, and the projection has read epoch %d."
                .formatted(partition, reach.leaderEpoch(), epoch));
      }
    }
    return Optional.empty();
  }

  /// What Kafka says of a position whose epoch it compared with its own.
  static String diverged(RuntimeException truncation) {
    return refusal("the log was cut off and written anew: " + truncation.getMessage() + ".").get();
  }

  private static Optional<String> refusal(String what) {
    return Optional.of("The projection does not belong to this log: " + what + REMEDY);
  }
}
