package io.steward.bench.scenario;

import io.steward.bench.api.Conversation;
import io.steward.bench.api.Turn;
import io.steward.bench.load.OpenLoop;
import io.steward.bench.load.Recording;
import io.steward.bench.load.Schedule;
import io.steward.bench.scenario.Ground.Conversations;

/// Turns at a fixed rate over some sessions in turn, with times from the intended beginning.
final class SteadyTurns {
  private final Recording toModel = new Recording();
  private final Recording toIdle = new Recording();

  /// Runs them to their end.
  ///
  /// @throws IllegalStateException when a turn failed
  OpenLoop.Outcome run(Schedule schedule, Conversations sessions, Conversation.Wish wish)
      throws InterruptedException {
    return OpenLoop.run(
            schedule, (index, intendedNanos) -> note(sessions.of(index).turn(wish), intendedNanos))
        .orThrow();
  }

  private void note(Turn turn, long intendedNanos) {
    toModel.add(turn.exchange().requestsNanos().getFirst() - intendedNanos);
    toIdle.add(turn.idleNanos() - intendedNanos);
  }

  /// From the POST until the model had the first request.
  Recording toModel() {
    return toModel;
  }

  /// From the POST until the client had `session.status_idle`; says nothing of sessions whose
  /// stream is not open.
  Recording toIdle() {
    return toIdle;
  }
}
