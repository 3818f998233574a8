package io.steward.vaultproxy.call;

import io.steward.schemas.id.SessionId;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;

/// How many calls run at once, in all and of one session. Others wait.
final class CallTurns {
  private static final Duration LOOK_PAUSE = Duration.ofMillis(200);

  private final int callsMax;
  private final int callsPerSessionMax;
  private final Map<SessionId, Integer> ofSession = new HashMap<>();
  private int running;

  CallTurns(int callsMax, int callsPerSessionMax) {
    this.callsMax = callsMax;
    this.callsPerSessionMax = callsPerSessionMax;
  }

  /// Waits for a turn, which [#leave] gives back.
  ///
  /// @return false when the wait was given up
  synchronized boolean enter(SessionId session, BooleanSupplier givenUp)
      throws InterruptedException {
    while (running >= callsMax || ofSession.getOrDefault(session, 0) >= callsPerSessionMax) {
      if (givenUp.getAsBoolean()) {
        return false;
      }
      wait(LOOK_PAUSE.toMillis());
    }
    if (givenUp.getAsBoolean()) {
      return false;
    }
    running++;
    ofSession.merge(session, 1, Integer::sum);
    return true;
  }

  synchronized void leave(SessionId session) {
    running--;
    ofSession.computeIfPresent(session, (_, count) -> count == 1 ? null : count - 1);
    notifyAll();
  }
}
