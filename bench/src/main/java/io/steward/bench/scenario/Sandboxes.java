package io.steward.bench.scenario;

import io.steward.bench.api.Conversation;
import io.steward.bench.api.Turn;
import io.steward.bench.load.OpenLoop;
import io.steward.bench.load.Recording;
import io.steward.bench.load.Schedule;
import io.steward.bench.model.TimedModel;
import io.steward.bench.report.Plot;
import io.steward.bench.report.Section;
import io.steward.bench.report.Unit;
import io.steward.bench.scenario.Ground.Conversations;
import java.time.Duration;
import java.util.List;

/// What a tool call takes, seen from the model.
final class Sandboxes implements Scenario {
  private static final int CALLS_OF_TURN = 20;
  private static final int WARM_SESSIONS = 4;
  private static final double COLD_RATE = 2;

  @Override
  public String name() {
    return "sandbox";
  }

  @Override
  public Section run(Ground ground) throws Exception {
    Section section =
        new Section(
            name(),
            """
            From the model's last byte, which asks for `bash echo`, until the model has the request with \
            the result. Cold: the first call of a session, of a new agent each, so that no sandbox was \
            prepared while the model was asked; prepared: the same of an agent whose turns always call \
            a tool; warm: %d calls one after another in each turn of %d sessions at once.\
            """
                .formatted(CALLS_OF_TURN, WARM_SESSIONS));
    int count = ground.pick(20, 5);
    Recording cold = first(ground, count, () -> newAgent(ground));
    Recording prepared = first(ground, count, ground::withTools);
    Recording warm = new Recording();
    double callsPerSecond = warm(ground, warm);
    section
        .latencies("cold", cold.latencies(), null, null)
        .latencies("prepared", prepared.latencies(), null, null)
        .latencies("warm", warm.latencies(), null, null)
        .figure(
            "calls/s of " + WARM_SESSIONS + " sessions at once", callsPerSecond, Unit.PER_SECOND)
        .plot(
            Plot.ofLatencies(
                "sandbox.svg",
                "One call of bash",
                List.of(
                    Plot.Line.of("cold", cold.latencies()),
                    Plot.Line.of("prepared", prepared.latencies()),
                    Plot.Line.of("warm", warm.latencies()))));
    return section;
  }

  private static Conversation newAgent(Ground ground)
      throws java.io.IOException, InterruptedException {
    String agent = ground.api().createAgent(TimedModel.MODEL, true);
    String session = ground.api().createSession(agent, ground.environment());
    return Conversation.open(ground.api(), ground.model(), session, false);
  }

  private static Recording first(Ground ground, int count, Ground.Opening opening)
      throws Exception {
    Recording recording = new Recording();
    try (Conversations sessions = ground.conversations(count, opening)) {
      Schedule schedule = new Schedule(count, Duration.ofMillis((long) (1000 / COLD_RATE)));
      OpenLoop.run(
              schedule,
              (index, _) -> note(sessions.of(index).turn(cue -> cue.withTools(1)), recording))
          .orThrow();
    }
    return recording;
  }

  private static double warm(Ground ground, Recording recording) throws Exception {
    int rounds = ground.pick(5, 1);
    try (Conversations sessions = ground.conversations(WARM_SESSIONS, ground::withTools)) {
      for (Conversation session : sessions.all()) {
        session.turn(cue -> cue.withTools(1));
      }
      long startNanos = System.nanoTime();
      OpenLoop.run(
              new Schedule(WARM_SESSIONS, Duration.ofMillis(1)),
              (index, _) -> {
                for (int round = 0; round < rounds; round++) {
                  note(sessions.of(index).turn(cue -> cue.withTools(CALLS_OF_TURN)), recording);
                }
              })
          .orThrow();
      double seconds = (System.nanoTime() - startNanos) / 1e9;
      return WARM_SESSIONS * rounds * CALLS_OF_TURN / seconds;
    }
  }

  private static void note(Turn turn, Recording recording) {
    List<Long> requests = turn.exchange().requestsNanos();
    List<Long> ends = turn.exchange().replyEndsNanos();
    for (int i = 1; i < requests.size(); i++) {
      recording.add(Math.max(0, requests.get(i) - ends.get(i - 1)));
    }
  }
}
