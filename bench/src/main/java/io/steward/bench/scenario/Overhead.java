package io.steward.bench.scenario;

import io.steward.bench.api.Conversation;
import io.steward.bench.api.Turn;
import io.steward.bench.load.OpenLoop;
import io.steward.bench.load.Recording;
import io.steward.bench.load.Schedule;
import io.steward.bench.report.Plot;
import io.steward.bench.report.Section;
import io.steward.bench.report.Targets;
import io.steward.bench.report.Unit;
import io.steward.bench.scenario.Ground.Conversations;
import java.time.Duration;
import java.util.List;

/// What Steward adds to a turn at a rate that leaves the machine mostly idle.
final class Overhead implements Scenario {
  private static final int SESSIONS = 32;
  private static final double RATE = 20;
  private static final double TOOL_RATE = 5;
  private static final int TOOL_SESSIONS = 8;
  private static final double COLD_RATE = 2;
  private static final int CHUNKS = 200;
  private static final Duration CHUNK_PERIOD = Duration.ofMillis(10);

  @Override
  public String name() {
    return "overhead";
  }

  @Override
  public Section run(Ground ground) throws Exception {
    Section section =
        new Section(
            name(),
            """
            %d sessions in turn, %.0f turns/s on a fixed schedule, after a turn in each; times \
            from the intended POST. The model takes no time. Chunks: replies of %d pieces, one every \
            %d ms, from just before the model writes one until the client has its delta. Tools: one \
            `bash echo` a turn, %.0f turns/s over %d sessions whose sandbox is there; cold: %.0f new \
            sessions/s, their first turn.\
            """
                .formatted(
                    SESSIONS,
                    RATE,
                    CHUNKS,
                    CHUNK_PERIOD.toMillis(),
                    TOOL_RATE,
                    TOOL_SESSIONS,
                    COLD_RATE));
    Duration length = Duration.ofSeconds(ground.pick(20, 4));
    plain(ground, section, length);
    chunks(ground, section);
    tools(ground, section, length);
    return section;
  }

  private static void plain(Ground ground, Section section, Duration length) throws Exception {
    SteadyTurns turns = new SteadyTurns();
    OpenLoop.Outcome outcome;
    try (Conversations sessions = ground.conversations(SESSIONS, ground::plain)) {
      for (Conversation session : sessions.all()) {
        session.turn(Conversation.Wish.PLAIN);
      }
      outcome = turns.run(Schedule.atRate(RATE, length), sessions, Conversation.Wish.PLAIN);
    }
    section
        .latencies(
            "POST → the model has the request",
            turns.toModel().latencies(),
            Targets.POST_TO_MODEL,
            Targets.POST_TO_MODEL_P99)
        .latencies(
            "turn without tools, POST → `session.status_idle`",
            turns.toIdle().latencies(),
            Targets.PLAIN_TURN,
            null)
        .figure(
            "the load generator was late by, at most", outcome.lateNanosMax() / 1e6, Unit.MILLIS)
        .plot(
            Plot.ofLatencies(
                "overhead.svg",
                "A turn without tools",
                List.of(
                    Plot.Line.of("POST → model", turns.toModel().latencies()),
                    Plot.Line.of("POST → idle", turns.toIdle().latencies()))));
  }

  private static void chunks(Ground ground, Section section) throws Exception {
    Recording recording = new Recording();
    int missing = 0;
    int replies = ground.pick(5, 2);
    try (Conversations sessions = ground.conversations(1, ground::previewed)) {
      Conversation session = sessions.of(0);
      for (int reply = 0; reply <= replies; reply++) {
        Turn turn = session.turn(cue -> cue.inChunks(CHUNKS, CHUNK_PERIOD));
        for (int i = 0; reply > 0 && i < CHUNKS; i++) { // The first reply warms up.
          long delta = turn.deltaNanos()[i];
          if (delta > 0) {
            recording.add(Math.max(0, delta - turn.exchange().chunkNanos(i)));
          } else {
            missing++;
          }
        }
      }
    }
    section
        .latencies(
            "the model's chunk → the client's delta",
            recording.latencies(),
            Targets.CHUNK_TO_DELTA,
            Targets.CHUNK_TO_DELTA_P99)
        .figure("chunks that came only in the message", missing, Unit.COUNT);
  }

  private static void tools(Ground ground, Section section, Duration length) throws Exception {
    SteadyTurns warm = new SteadyTurns();
    try (Conversations sessions = ground.conversations(TOOL_SESSIONS, ground::withTools)) {
      Conversation.Wish oneCall = cue -> cue.withTools(1);
      Schedule begin = Schedule.atRate(TOOL_RATE, Duration.ofSeconds(ground.pick(8, 4)));
      new SteadyTurns().run(begin, sessions, oneCall);
      warm.run(Schedule.atRate(TOOL_RATE, length), sessions, oneCall);
    }
    SteadyTurns cold = new SteadyTurns();
    Schedule schedule = Schedule.atRate(COLD_RATE, length);
    try (Conversations sessions = ground.conversations(schedule.count(), ground::withTools)) {
      cold.run(schedule, sessions, cue -> cue.withTools(1));
    }
    section
        .latencies(
            "turn with one `bash echo`, warm sandbox",
            warm.toIdle().latencies(),
            Targets.WARM_TOOL_TURN,
            null)
        .latencies(
            "turn with one `bash echo`, cold sandbox",
            cold.toIdle().latencies(),
            Targets.COLD_TOOL_TURN,
            null)
        .plot(
            Plot.ofLatencies(
                "overhead-tools.svg",
                "A turn with one bash echo",
                List.of(
                    Plot.Line.of("warm", warm.toIdle().latencies()),
                    Plot.Line.of("cold", cold.toIdle().latencies()))));
  }
}
