package io.steward.bench.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class OpenLoopTest {
  private static final Schedule SCHEDULE = new Schedule(50, Duration.ofMillis(1));

  @Test
  void every_task_runs_once_and_knows_when_it_should_have_begun() throws Exception {
    Set<Long> intended = ConcurrentHashMap.newKeySet();

    OpenLoop.Outcome outcome =
        OpenLoop.run(SCHEDULE, (index, nanos) -> intended.add(nanos - SCHEDULE.offsetNanos(index)));

    assertEquals(50, outcome.done());
    assertEquals(0, outcome.failed());
    assertEquals(1, intended.size(), "all intended times follow from one beginning");
  }

  @Test
  void a_task_that_stands_still_keeps_no_other_from_beginning() throws Exception {
    CountDownLatch others = new CountDownLatch(49);

    OpenLoop.Outcome outcome =
        OpenLoop.run(
            SCHEDULE,
            (index, _) -> {
              if (index == 0) {
                others.await();
              } else {
                others.countDown();
              }
            });

    assertEquals(50, outcome.done());
  }

  @Test
  void failures_are_counted_and_the_first_ones_told() throws Exception {
    OpenLoop.Outcome outcome =
        OpenLoop.run(
            SCHEDULE,
            (index, _) -> {
              if (index % 2 == 0) {
                throw new java.io.IOException("no " + index);
              }
            });

    assertEquals(25, outcome.done());
    assertEquals(25, outcome.failed());
    assertEquals(5, outcome.failures().size());
    String message =
        String.valueOf(assertThrows(IllegalStateException.class, outcome::orThrow).getMessage());
    assertTrue(message.startsWith("25 of 50 tasks failed: "), message);
  }

  @Test
  void a_failure_that_comes_again_is_told_once() throws Exception {
    OpenLoop.Outcome outcome =
        OpenLoop.run(
            SCHEDULE,
            (_, _) -> {
              throw new java.io.IOException("no");
            });

    assertEquals(50, outcome.failed());
    assertEquals(List.of("java.io.IOException: no"), outcome.failures());
  }
}
