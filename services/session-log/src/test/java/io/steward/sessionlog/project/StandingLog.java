package io.steward.sessionlog.project;

import io.steward.sessionlog.log.LogState;
import java.util.Map;

/// One partition of a log that has every offset.
record StandingLog() implements LogState.Source {
  @Override
  public String topicId() {
    return "standing";
  }

  @Override
  public LogState now() {
    return new LogState(
        topicId(), Map.of(0, new LogState.Reach(0, Long.MAX_VALUE, Integer.MAX_VALUE)));
  }
}
