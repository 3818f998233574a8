package io.steward.harness.partition;

import io.steward.schemas.id.SessionId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/// When to look at which session again. A session that has changed meanwhile is looked at in vain.
final class Timers {
  /// How long to wait when nothing is due; whatever happens wakes the loop before.
  static final Duration NOTHING_DUE = Duration.ofMinutes(1);

  private final PriorityQueue<Timer> queue = new PriorityQueue<>(Comparator.comparing(Timer::time));

  private record Timer(Instant time, SessionId session) {}

  void add(Instant time, SessionId session) {
    queue.add(new Timer(time, session));
  }

  /// How long nothing is due.
  Duration untilNext(Instant now) {
    Timer next = queue.peek();
    if (next == null) {
      return NOTHING_DUE;
    }
    return next.time().isAfter(now) ? Duration.between(now, next.time()) : Duration.ZERO;
  }

  List<SessionId> due(Instant now) {
    List<SessionId> due = new ArrayList<>();
    for (Timer next = queue.peek();
        next != null && !next.time().isAfter(now);
        next = queue.peek()) {
      due.add(next.session());
      queue.remove(next);
    }
    return due;
  }
}
