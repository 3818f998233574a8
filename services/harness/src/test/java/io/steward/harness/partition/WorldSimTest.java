package io.steward.harness.partition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.record.LoggedRecord;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.session.Session;
import io.steward.schemas.session.Step;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The protocol under crashes, refused commits, late and repeated results, and clients that send
/// whenever they may. After every move the log must make sense; when the world calms down, every
/// session must come to rest with nothing open.
class WorldSimTest {
  private static final int SEEDS = Integer.getInteger("sim.seeds", 200);
  private static final int MOVES = 600;
  private static final int CALM_MOVES_MAX = 2000;

  static LongStream seeds() {
    return LongStream.range(0, SEEDS);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void every_session_comes_to_rest_with_nothing_open(long seed) {
    World world = new World(seed);
    for (int move = 0; move < MOVES; move++) {
      world.stir();
      assertFalse(
          world.session() instanceof Session.SetAside, () -> "set aside: " + world.session());
    }
    int moves = 0;
    while (!(world.session() instanceof Session.Idle idle
        && !idle.requiresAction()
        && Step.next(idle, Step.Limits.UNBOUNDED) instanceof Step.Rest)) {
      world.calm();
      assertTrue(++moves < CALM_MOVES_MAX, () -> "it never rests: " + world.explain());
    }
    check(world);
  }

  private static void check(World world) {
    Map<String, Integer> resultsOfCalls = new HashMap<>();
    Set<String> openSpans = new HashSet<>();
    Instant last = Instant.EPOCH;
    for (LoggedRecord record : world.log()) {
      if (!(record.body() instanceof SessionRecord.EventRecorded(SessionEvent event))) {
        continue;
      }
      Instant time = event.processedAt();
      assertTrue(time != null && !time.isBefore(last), "time went back at " + event);
      last = time;
      switch (event) {
        case SessionEvent.AgentToolUse use -> resultsOfCalls.put(use.id(), 0);
        case SessionEvent.AgentMcpToolUse use -> resultsOfCalls.put(use.id(), 0);
        case SessionEvent.AgentMcpToolResult result ->
            resultsOfCalls.merge(result.mcpToolUseId(), 1, Integer::sum);
        case SessionEvent.AgentToolResult result ->
            resultsOfCalls.merge(result.toolUseId(), 1, Integer::sum);
        case SessionEvent.SpanModelRequestStart start -> {
          assertTrue(openSpans.isEmpty(), "two model requests at once");
          openSpans.add(start.id());
        }
        case SessionEvent.SpanModelRequestEnd end ->
            assertTrue(openSpans.remove(end.modelRequestStartId()), "no such span: " + end);
        default -> {}
      }
    }
    assertTrue(openSpans.isEmpty());
    resultsOfCalls.forEach((call, results) -> assertEquals(1, results, call));
  }
}
