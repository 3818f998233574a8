package io.steward.schemas.session;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.steward.schemas.event.StopDetails;
import io.steward.schemas.event.StopReason;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where a running turn is.
///
/// ```
/// NeedsModel ── span.model_request_start ──▶ ModelRequested ── span.model_request_end ──▶
///     ▲             NeedsModel (failed) │ ToolsOpen (calls) │ TurnOver (no calls)
///     └── every call answered ─────────────── ToolsOpen
/// ```
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Phase.NeedsModel.class, name = "needs_model"),
  @JsonSubTypes.Type(value = Phase.ModelRequested.class, name = "model_requested"),
  @JsonSubTypes.Type(value = Phase.ToolsOpen.class, name = "tools_open"),
  @JsonSubTypes.Type(value = Phase.TurnOver.class, name = "turn_over")
})
public sealed interface Phase {
  /// The model is to be asked next.
  record NeedsModel() implements Phase {}

  /// A model request is open.
  ///
  /// @param spanId id of its `span.model_request_start`
  /// @param calls tool calls of the reply, as far as they were read
  /// @param reply how the reply ended, or null before it was read
  record ModelRequested(String spanId, List<ToolCall> calls, @Nullable Reply reply)
      implements Phase {
    public ModelRequested {
      calls = List.copyOf(calls);
    }
  }

  /// Tool calls of the newest reply are open; at least one has no result.
  record ToolsOpen(List<ToolCall> calls) implements Phase {
    public ToolsOpen {
      calls = List.copyOf(calls);
    }
  }

  /// The model has nothing more to do.
  record TurnOver(StopReason stopReason, @Nullable StopDetails stopDetails) implements Phase {}

  /// @param stopReason the model's own stop reason
  /// @param said whether it became part of the conversation; an empty or refused one does not
  record Reply(String stopReason, @Nullable StopDetails stopDetails, boolean said) {}
}
