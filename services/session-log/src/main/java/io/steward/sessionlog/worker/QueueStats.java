package io.steward.sessionlog.worker;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A queue in figures. Source: contract/core.md §4.5.
///
/// @param depth items nobody has
/// @param pending items a poll got and nobody has acknowledged
/// @param oldestQueuedAt since when the oldest of both waits, or null
/// @param workersPolling workers with a name that polled lately
@JsonPropertyOrder({"type"})
record QueueStats(
    int depth,
    int pending,
    @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable Instant oldestQueuedAt,
    int workersPolling) {
  /// Always `work_queue_stats`.
  @JsonProperty("type")
  String type() {
    return "work_queue_stats";
  }
}
