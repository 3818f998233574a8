package io.steward.harness.decide;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ToolHabitTest {
  private static ToolHabit habit(boolean... turns) {
    ToolHabit habit = ToolHabit.UNKNOWN;
    for (boolean called : turns) {
      habit = habit.after(called);
    }
    return habit;
  }

  @Test
  void nothing_is_known_at_first() {
    assertEquals(0, ToolHabit.UNKNOWN.turns());
    assertEquals(0, ToolHabit.UNKNOWN.share());
  }

  @Test
  void the_share_is_that_of_the_turns_that_called_a_tool() {
    assertEquals(0.75, habit(true, true, false, true).share());
    assertEquals(4, habit(true, true, false, true).turns());
  }

  @Test
  void old_turns_count_no_more() {
    ToolHabit habit = ToolHabit.UNKNOWN;
    for (int turn = 0; turn < 3 * ToolHabit.TURNS_MAX; turn++) {
      habit = habit.after(true);
    }
    for (int turn = 0; turn < ToolHabit.TURNS_MAX; turn++) {
      assertEquals((double) (ToolHabit.TURNS_MAX - turn) / ToolHabit.TURNS_MAX, habit.share());
      habit = habit.after(false);
    }

    assertEquals(new ToolHabit(ToolHabit.TURNS_MAX, 0), habit);
  }
}
