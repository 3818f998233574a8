package io.steward.simulation;

import java.util.Collection;
import java.util.List;

/// What happened in many runs.
record Totals(
    long seeds,
    long steps,
    long crashes,
    long pauses,
    long takeOvers,
    long transactions,
    long records,
    long toolRuns,
    long unknownOutcomes,
    long violations) {
  static final Totals NONE = new Totals(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

  static Totals of(Collection<Simulation.Outcome> outcomes) {
    return List.copyOf(outcomes).stream().reduce(NONE, Totals::plus, Totals::plus);
  }

  Totals plus(Simulation.Outcome outcome) {
    return plus(
        new Totals(
            1,
            outcome.steps(),
            outcome.crashes(),
            outcome.pauses(),
            outcome.takeOvers(),
            outcome.transactions(),
            outcome.records(),
            outcome.toolRuns(),
            outcome.unknownOutcomes(),
            outcome.violation() == null ? 0 : 1));
  }

  Totals plus(Totals more) {
    return new Totals(
        seeds + more.seeds,
        steps + more.steps,
        crashes + more.crashes,
        pauses + more.pauses,
        takeOvers + more.takeOvers,
        transactions + more.transactions,
        records + more.records,
        toolRuns + more.toolRuns,
        unknownOutcomes + more.unknownOutcomes,
        violations + more.violations);
  }

  @Override
  public String toString() {
    return ("%,d seeds, %,d steps, %,d crashes, %,d processes stopped, %,d take-overs,"
            + " %,d transactions, %,d records, %,d tool runs, %,d unknown outcomes, %,d violations")
        .formatted(
            seeds,
            steps,
            crashes,
            pauses,
            takeOvers,
            transactions,
            records,
            toolRuns,
            unknownOutcomes,
            violations);
  }
}
