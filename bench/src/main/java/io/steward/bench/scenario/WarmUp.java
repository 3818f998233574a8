package io.steward.bench.scenario;

import io.steward.bench.load.Schedule;
import io.steward.bench.scenario.Ground.Conversations;
import java.time.Duration;
import java.util.Map;

/// What is measured is a Steward that has run for a while. On two processors compilers need minutes
/// of them: until then a turn costs several times as much.
public final class WarmUp {
  private static final int SESSIONS = 32;
  private static final int TOOL_SESSIONS = 4;
  private static final double TOOL_RATE = 10;

  private WarmUp() {}

  /// Of all parts, before the first scenario.
  public static void run(Ground ground) throws Exception {
    turns(ground, Duration.ofSeconds(ground.pick(70, 5)));
    try (Conversations sessions = ground.conversations(TOOL_SESSIONS, ground::withTools)) {
      Schedule schedule = Schedule.atRate(TOOL_RATE, Duration.ofSeconds(ground.pick(20, 3)));
      new SteadyTurns().run(schedule, sessions, cue -> cue.withTools(1));
    }
    try (Conversations sessions = ground.conversations(1, ground::previewed)) {
      sessions.of(0).turn(cue -> cue.inChunks(ground.pick(2_000, 100), Duration.ofMillis(5)));
    }
  }

  /// Of what a turn without tools needs.
  static void turns(Ground ground, Duration length) throws Exception {
    FullLoad.run(ground, SESSIONS, length, Map.of());
  }
}
