package io.steward.harness.metric;

import io.steward.schemas.event.StopReason;

/// How a turn ended.
public enum TurnEnd {
  END_TURN,
  REQUIRES_ACTION,
  RETRIES_EXHAUSTED,
  BUDGET_REACHED,
  REFUSAL,
  TERMINATED;

  /// The end a session goes idle with.
  public static TurnEnd of(StopReason reason) {
    return switch (reason) {
      case StopReason.EndTurn _ -> END_TURN;
      case StopReason.RequiresAction _ -> REQUIRES_ACTION;
      case StopReason.RetriesExhausted _ -> RETRIES_EXHAUSTED;
      case StopReason.BudgetReached _ -> BUDGET_REACHED;
      case StopReason.Refusal _ -> REFUSAL;
    };
  }
}
