package io.steward.bench.scenario;

import io.steward.bench.api.Conversation;
import io.steward.bench.api.Turn;
import io.steward.bench.load.OpenLoop;
import io.steward.bench.load.Recording;
import io.steward.bench.load.Schedule;
import io.steward.bench.load.Standstill;
import io.steward.bench.report.Section;
import io.steward.bench.report.Unit;
import io.steward.bench.scenario.Ground.Conversations;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/// How long sessions stand still when the harness is killed under load.
final class Recovery implements Scenario {
  private static final int SESSIONS = 32;
  private static final double RATE = 40;
  private static final Duration MODEL_DELAY = Duration.ofMillis(100);

  @Override
  public String name() {
    return "recovery";
  }

  @Override
  public Section run(Ground ground) throws Exception {
    Section section =
        new Section(
            name(),
            """
            %.0f turns/s on a fixed schedule over %d sessions, the model takes %d ms; a third of the way \
            the only harness is killed with -9 and devbox starts it again. A turn's time counts from its \
            intended POST, so the wait of all that are due meanwhile is in it.\
            """
                .formatted(RATE, SESSIONS, MODEL_DELAY.toMillis()));
    Schedule schedule = Schedule.atRate(RATE, Duration.ofSeconds(ground.pick(24, 15)));
    Recording times = new Recording();
    Queue<Long> idles = new ConcurrentLinkedQueue<>();
    AtomicLong repeated = new AtomicLong();
    AtomicLong killedAtNanos = new AtomicLong(Long.MAX_VALUE);
    OpenLoop.Outcome outcome;
    try (Conversations sessions = ground.conversations(SESSIONS, ground::plain)) {
      for (Conversation session : sessions.all()) {
        session.turn(Conversation.Wish.PLAIN);
      }
      outcome =
          OpenLoop.run(
              schedule,
              (index, intendedNanos) -> {
                if (index == schedule.count() / 3) {
                  killedAtNanos.set(System.nanoTime());
                  ground.installation().kill("harness");
                }
                Turn turn = sessions.of(index).turn(cue -> cue.after(MODEL_DELAY));
                idles.add(turn.idleNanos());
                times.add(turn.idleNanos() - intendedNanos);
                repeated.addAndGet(turn.exchange().requestsNanos().size() - 1);
              });
    }
    long killed = killedAtNanos.get();
    double standstill =
        Standstill.after(killed, idles).map(s -> (s.endNanos() - killed) / 1e9).orElse(Double.NaN);
    section
        .figure("kill -9 of the harness → turns end again", standstill, Unit.SECONDS)
        .figure("longest turn", times.latencies().max() / 1e3, Unit.SECONDS)
        .figure("turns", outcome.done(), Unit.COUNT)
        .figure("turns that failed", outcome.failed(), Unit.COUNT)
        .figure("model requests asked again", repeated.get(), Unit.COUNT);
    ground.installation().awaitReady();
    return section;
  }
}
