package io.steward.harness.partition;

import io.steward.harness.metric.Metrics;
import io.steward.harness.request.ModelRequests;
import io.steward.harness.trace.Spans;
import java.time.Duration;
import java.time.InstantSource;

/// What every loop of this instance works with.
///
/// @param requests builds the requests of models
/// @param cacheBytesMax bytes of records one partition may hold folded
/// @param backlogMax records that may wait for a loop before its partition is paused
/// @param stepsMax steps of one transaction
/// @param refusalsMax how often in a row a session's records may be refused for good reason
/// @param refusalDelay wait before a refused step is decided again
/// @param metrics what the loops count
/// @param forecast what the loops learn about agents
/// @param spans what the loops tell of turns
public record LoopSettings(
    InstantSource clock,
    ModelRequests requests,
    long cacheBytesMax,
    int backlogMax,
    int stepsMax,
    int refusalsMax,
    Duration refusalDelay,
    Metrics metrics,
    ToolForecast forecast,
    Spans spans) {
  public LoopSettings {
    atLeastOne("cache-bytes-max", cacheBytesMax);
    atLeastOne("backlog-max", backlogMax);
    atLeastOne("steps-max", stepsMax);
    atLeastOne("refusals-max", refusalsMax);
  }

  /// Follows the turns of another session.
  TurnWatch watch() {
    return new TurnWatch(forecast, metrics, clock, spans.session());
  }

  private static void atLeastOne(String key, long value) {
    if (value < 1) {
      throw new IllegalArgumentException(key + " is below 1: " + value);
    }
  }
}
