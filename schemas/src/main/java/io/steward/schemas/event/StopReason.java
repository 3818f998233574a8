package io.steward.schemas.event;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;

/// Why a session went idle. Source: contract/events.md §6.3.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = StopReason.EndTurn.class, name = "end_turn"),
  @JsonSubTypes.Type(value = StopReason.RequiresAction.class, name = "requires_action"),
  @JsonSubTypes.Type(value = StopReason.RetriesExhausted.class, name = "retries_exhausted"),
  @JsonSubTypes.Type(value = StopReason.BudgetReached.class, name = "budget_reached"),
  @JsonSubTypes.Type(value = StopReason.Refusal.class, name = "refusal")
})
public sealed interface StopReason {
  /// The turn finished by itself or was interrupted.
  record EndTurn() implements StopReason {}

  /// The session waits for the client.
  ///
  /// @param eventIds ids of the tool-use events that wait, in the order of the log; never empty
  record RequiresAction(List<String> eventIds) implements StopReason {
    public RequiresAction {
      eventIds = List.copyOf(eventIds);
    }
  }

  /// Errors used up the retries, or a limit of the turn was hit.
  record RetriesExhausted() implements StopReason {}

  /// The list cost of the session has reached its budget.
  record BudgetReached() implements StopReason {}

  /// The model refused.
  record Refusal() implements StopReason {}
}
