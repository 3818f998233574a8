package io.steward.bench.load;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StandstillTest {
  @Test
  void the_longest_pause_after_the_break_counts() {
    Optional<Standstill> standstill =
        Standstill.after(100, List.of(10L, 105L, 108L, 95L, 500L, 510L, 640L));

    assertEquals(Optional.of(new Standstill(392, 500)), standstill);
  }

  @Test
  void the_break_itself_begins_the_first_pause() {
    assertEquals(
        Optional.of(new Standstill(50, 150)), Standstill.after(100, List.of(90L, 150L, 160L)));
  }

  @Test
  void nothing_finished_afterwards_is_no_end() {
    assertEquals(Optional.empty(), Standstill.after(100, List.of(10L, 100L)));
  }
}
