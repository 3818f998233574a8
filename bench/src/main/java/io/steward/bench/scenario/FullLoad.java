package io.steward.bench.scenario;

import io.steward.bench.api.Conversation;
import io.steward.bench.api.Turn;
import io.steward.bench.load.Recording;
import io.steward.bench.scenario.Ground.Conversations;
import io.steward.bench.steward.Usage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

/// As many turns as some sessions can do: in each, the next one begins when the last one is over. A
/// measure of capacity; its latencies are those of queues.
///
/// @param seconds from the first POST until lists of all sessions had everything
record FullLoad(
    int sessions, long turns, double seconds, Recording times, Usage before, Usage after) {
  /// Runs it.
  ///
  /// @param pids whose usage is wanted
  static FullLoad run(Ground ground, int count, Duration length, Map<String, Long> pids)
      throws Exception {
    Recording times = new Recording();
    AtomicLong turns = new AtomicLong();
    try (Conversations sessions = ground.conversations(count, ground::plain)) {
      for (Conversation session : sessions.all()) {
        session.turn(Conversation.Wish.PLAIN);
      }
      Usage before = Usage.now(pids);
      long startNanos = System.nanoTime();
      List<Future<?>> all = new ArrayList<>();
      try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        for (Conversation session : sessions.all()) {
          all.add(
              threads.submit(() -> {
                while (System.nanoTime() - startNanos < length.toNanos()) {
                  long postNanos = System.nanoTime();
                  Turn turn = session.turn(Conversation.Wish.PLAIN);
                  times.add(turn.idleNanos() - postNanos);
                  turns.incrementAndGet();
                }
                // A list has everything that was on the log before it was asked for.
                return ground.api().newestEvents(session.id(), 1);
              }));
        }
      }
      for (Future<?> one : all) {
        one.get();
      }
      double seconds = (System.nanoTime() - startNanos) / 1e9;
      return new FullLoad(count, turns.get(), seconds, times, before, Usage.now(pids));
    }
  }

  double turnsPerSecond() {
    return turns / seconds;
  }

  /// The share of one processor that a process used.
  double processors(String name) {
    return after.cpuSecondsSince(before, name) / seconds;
  }
}
