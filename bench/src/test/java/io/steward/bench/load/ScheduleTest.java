package io.steward.bench.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ScheduleTest {
  @Test
  void a_rate_and_a_length_make_tasks_at_fixed_places() {
    Schedule schedule = Schedule.atRate(20, Duration.ofSeconds(3));

    assertEquals(new Schedule(60, Duration.ofMillis(50)), schedule);
    assertEquals(0, schedule.offsetNanos(0));
    assertEquals(2_950_000_000L, schedule.offsetNanos(59));
  }

  @Test
  void a_load_has_at_least_one_task() {
    Schedule schedule = Schedule.atRate(0.1, Duration.ofSeconds(1));

    assertEquals(1, schedule.count());
  }

  @Test
  void impossible_loads_are_refused() {
    assertThrows(IllegalArgumentException.class, () -> new Schedule(0, Duration.ofSeconds(1)));
    assertThrows(IllegalArgumentException.class, () -> new Schedule(1, Duration.ZERO));
    assertThrows(IllegalArgumentException.class, () -> Schedule.atRate(0, Duration.ofSeconds(1)));
    assertThrows(
        IllegalArgumentException.class, () -> Schedule.atRate(Double.NaN, Duration.ofSeconds(1)));
  }
}
