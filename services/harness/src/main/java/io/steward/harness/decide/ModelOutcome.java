package io.steward.harness.decide;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.event.RequestUsage;
import io.steward.schemas.event.StopDetails;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What came of a model request.
public sealed interface ModelOutcome {
  RequestUsage usage();

  /// @param content raw content blocks, complete ones only
  /// @param eventIds ids that were announced for events, by the index of the block an event begins
  ///   with
  /// @param stopReason the model's own, such as `end_turn`
  record Replied(
      List<JsonNode> content,
      Map<Integer, String> eventIds,
      String stopReason,
      @Nullable StopDetails stopDetails,
      RequestUsage usage)
      implements ModelOutcome {
    public Replied {
      content = List.copyOf(content);
      eventIds = Map.copyOf(eventIds);
    }
  }

  /// @param usage what was counted before it failed
  record Failed(ModelFailure failure, RequestUsage usage) implements ModelOutcome {}
}
