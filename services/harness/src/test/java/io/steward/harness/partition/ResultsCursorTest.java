package io.steward.harness.partition;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class ResultsCursorTest {
  private final ResultsCursor cursor = new ResultsCursor();

  @Test
  void the_position_does_not_pass_a_result_nobody_has_written() {
    cursor.start(10);
    cursor.received(10);
    cursor.received(11);
    cursor.readUpTo(12);

    assertEquals(10, cursor.positionAfter(List.of(11L)));
  }

  @Test
  void a_transaction_that_uses_the_oldest_result_moves_the_position() {
    cursor.start(10);
    cursor.received(10);
    cursor.received(11);
    cursor.readUpTo(12);

    assertEquals(11, cursor.positionAfter(List.of(10L)));
    assertEquals(12, cursor.positionAfter(List.of(10L, 11L)));
  }

  @Test
  void a_dropped_result_holds_nothing_up() {
    cursor.start(10);
    cursor.received(10);
    cursor.readUpTo(11);

    cursor.settled(10);

    assertEquals(11, cursor.positionAfter(List.of()));
  }
}
