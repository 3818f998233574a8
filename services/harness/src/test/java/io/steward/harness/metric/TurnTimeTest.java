package io.steward.harness.metric;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.steward.harness.metric.TurnTime.Work;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class TurnTimeTest {
  private static final Instant ZERO = Instant.parse("2026-11-20T10:00:00Z");

  @Test
  void without_work_all_of_a_turn_is_overhead() {
    assertOverhead(100, new TurnTime(at(0), at(100), List.of()));
  }

  @Test
  void a_model_request_and_a_tool_are_no_overhead() {
    assertOverhead(30, new TurnTime(at(0), at(100), List.of(work(10, 50), work(60, 90))));
  }

  @Test
  void work_side_by_side_counts_once() {
    assertOverhead(
        20, new TurnTime(at(0), at(100), List.of(work(40, 90), work(10, 60), work(20, 30))));
  }

  @Test
  void work_that_reaches_beyond_the_turn_counts_within_it() {
    assertOverhead(40, new TurnTime(at(0), at(100), List.of(work(-50, 10), work(50, 200))));
  }

  @Test
  void work_after_the_turn_does_not_shorten_or_lengthen_it() {
    assertOverhead(100, new TurnTime(at(0), at(100), List.of(work(150, 200))));
  }

  @Test
  void a_clock_that_is_set_back_makes_no_negative_time() {
    TurnTime time = new TurnTime(at(100), at(0), List.of(work(120, 110)));

    assertEquals(Duration.ZERO, time.whole());
    assertEquals(Duration.ZERO, time.overhead());
  }

  private static void assertOverhead(long millis, TurnTime time) {
    assertEquals(Duration.ofMillis(millis), time.overhead());
  }

  private static Instant at(long millis) {
    return ZERO.plusMillis(millis);
  }

  private static Work work(long from, long to) {
    return new Work(at(from), at(to));
  }
}
