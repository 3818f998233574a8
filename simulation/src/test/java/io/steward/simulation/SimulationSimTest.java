package io.steward.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.List;
import java.util.logging.LogManager;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Two hundred worlds full of trouble, and proof that trouble would be seen. More of them:
/// `./steward simulate`.
class SimulationSimTest {
  private static final int SEEDS = 200;
  private static final int SEEDS_PER_BUG_MAX = 1_000;

  /// What services log about trouble is meant for operators of something real.
  @BeforeAll
  static void silence() {
    LogManager.getLogManager().reset();
  }

  @Test
  void whatever_goes_wrong_nothing_is_lost_and_nothing_is_done_twice() {
    List<Simulation.Outcome> outcomes =
        LongStream.range(0, SEEDS).parallel().mapToObj(seed -> Simulation.run(seed, null)).toList();

    System.out.println(Totals.of(outcomes));
    assertEquals(List.of(), outcomes.stream().flatMap(outcome -> outcome.report(null)).toList());
  }

  @Test
  void a_seed_decides_everything() {
    Simulation.Outcome first = Simulation.run(7, null);
    Simulation.Outcome second = Simulation.run(7, null);

    assertEquals(first, second);
  }

  @ParameterizedTest
  @EnumSource(SeededBug.class)
  void a_seeded_bug_is_found(SeededBug bug) {
    // In blocks, so that the first seed that finds it can be named whatever thread was faster.
    int block = 20;
    for (long from = 0; from < SEEDS_PER_BUG_MAX; from += block) {
      var found =
          LongStream.range(from, from + block)
              .parallel()
              .mapToObj(seed -> Simulation.run(seed, bug))
              .filter(outcome -> outcome.violation() != null)
              .findFirst();
      if (found.isPresent()) {
        System.out.println(bug + ": seed " + found.get().seed() + ": " + found.get().violation());
        return;
      }
    }
    fail(bug + " was not found in " + SEEDS_PER_BUG_MAX + " seeds");
  }
}
