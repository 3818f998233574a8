package io.steward.e2e.fault;

import io.steward.e2e.fault.crowd.Moment;
import java.util.ArrayList;
import java.util.List;

/// One fault of the matrix: what is hit, when, and how.
record Cell(Victim victim, Moment moment, Blow blow) {
  /// The whole matrix.
  static List<Cell> all() {
    List<Cell> cells = new ArrayList<>();
    for (Blow blow : Blow.values()) {
      for (Moment moment : Moment.values()) {
        for (Victim victim : Victim.values()) {
          cells.add(new Cell(victim, moment, blow));
        }
      }
    }
    return cells;
  }

  /// A fixed choice of twelve, with every process, every moment and both blows.
  static List<Cell> chosen() {
    return List.of(
        new Cell(Victim.HARNESS, Moment.WHILE_IT_STREAMS, Blow.KILL),
        new Cell(Victim.HARNESS, Moment.DURING_COMPACTION, Blow.KILL),
        new Cell(Victim.HARNESS, Moment.AFTER_A_TOOL_COMMAND, Blow.PAUSE),
        new Cell(Victim.SANDBOX, Moment.WHILE_A_TOOL_RUNS, Blow.KILL),
        new Cell(Victim.SANDBOX, Moment.AFTER_A_TOOL_COMMAND, Blow.PAUSE),
        new Cell(Victim.SESSION_LOG, Moment.DURING_PROJECTION, Blow.KILL),
        new Cell(Victim.SESSION_LOG, Moment.WAITING_FOR_A_CONFIRMATION, Blow.PAUSE),
        new Cell(Victim.KAFKA, Moment.BEFORE_THE_MODEL_ANSWERS, Blow.KILL),
        new Cell(Victim.POSTGRES, Moment.WHILE_A_TOOL_RUNS, Blow.KILL),
        new Cell(Victim.AGENT_CONFIG, Moment.WAITING_FOR_A_CONFIRMATION, Blow.KILL),
        new Cell(Victim.VAULT_PROXY, Moment.WHILE_IT_STREAMS, Blow.PAUSE),
        new Cell(Victim.DEVBOX, Moment.BEFORE_THE_MODEL_ANSWERS, Blow.KILL));
  }

  /// How many sessions are to be at the moment when the fault hits.
  int expectedArrivals() {
    return switch (moment) {
      case BEFORE_THE_MODEL_ANSWERS, WHILE_IT_STREAMS -> 5;
      case WAITING_FOR_A_CONFIRMATION -> 2;
      case AFTER_A_TOOL_COMMAND, WHILE_A_TOOL_RUNS, DURING_COMPACTION, DURING_PROJECTION -> 1;
    };
  }

  /// Where what is known about a failure is kept.
  String fileName() {
    return toString().replace(' ', '-') + ".txt";
  }

  @Override
  public String toString() {
    return victim + " " + blow + " " + moment;
  }
}
