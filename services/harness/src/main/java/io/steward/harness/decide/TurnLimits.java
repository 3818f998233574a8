package io.steward.harness.decide;

import java.time.Duration;

/// What a turn may cost.
///
/// @param toolRoundsMax rounds of tool calls of one turn, from 1
/// @param modelAttemptsMax failed model requests in a row after which the turn ends, from 1
/// @param retryDelay wait before the second attempt; doubles with each further one
/// @param retryDelayMax the longest wait that is ours to choose
/// @param retryAfterMax the longest wait a model provider may ask for
/// @param compactionsMax compactions in a row that bring no reply, from 1
/// @param cloneMax how long a turn waits for its repositories
/// @param mcpMax how long it waits for the tools of MCP servers after that
public record TurnLimits(
    int toolRoundsMax,
    int modelAttemptsMax,
    Duration retryDelay,
    Duration retryDelayMax,
    Duration retryAfterMax,
    int compactionsMax,
    Duration cloneMax,
    Duration mcpMax) {
  public TurnLimits {
    if (toolRoundsMax < 1 || modelAttemptsMax < 1 || compactionsMax < 1) {
      throw new IllegalArgumentException(
          "a limit is below 1: tool rounds "
              + toolRoundsMax
              + ", model attempts "
              + modelAttemptsMax
              + ", compactions "
              + compactionsMax);
    }
  }
}
