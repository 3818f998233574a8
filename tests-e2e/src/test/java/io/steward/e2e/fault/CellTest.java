package io.steward.e2e.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.e2e.fault.crowd.Moment;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CellTest {
  @Test
  void the_matrix_has_every_combination_once() {
    List<Cell> all = Cell.all();

    assertEquals(
        Victim.values().length * Moment.values().length * Blow.values().length, all.size());
    assertEquals(all.size(), new HashSet<>(all).size());
  }

  @Test
  void the_chosen_twelve_have_every_process_every_moment_and_both_blows() {
    Set<Victim> victims = EnumSet.noneOf(Victim.class);
    Set<Moment> moments = EnumSet.noneOf(Moment.class);
    Set<Blow> blows = EnumSet.noneOf(Blow.class);
    for (Cell cell : Cell.chosen()) {
      victims.add(cell.victim());
      moments.add(cell.moment());
      blows.add(cell.blow());
    }

    assertEquals(12, new HashSet<>(Cell.chosen()).size());
    assertTrue(Cell.all().containsAll(Cell.chosen()));
    assertEquals(EnumSet.allOf(Victim.class), victims);
    assertEquals(EnumSet.allOf(Moment.class), moments);
    assertEquals(EnumSet.allOf(Blow.class), blows);
  }
}
