package io.steward.e2e.fault;

import java.util.List;

/// The sums of all rounds.
final class ChaosFigures {
  private int rounds;
  private int sessions;
  private int faults;
  private int events;
  private int unknownOutcomes;
  private int repeatedModelCalls;
  private int violations;
  private double doneSecondsMax;

  /// Counts a round and says in a line how it was.
  String add(int round, List<Chaos.Strike> strikes, Aftermath aftermath) {
    rounds++;
    sessions += aftermath.evidence().size();
    strikes.forEach(strike -> faults += strike.victims().size());
    aftermath.evidence().forEach(evidence -> events += evidence.events().size());
    unknownOutcomes += aftermath.unknownOutcomes();
    repeatedModelCalls += aftermath.repeatedModelCalls();
    violations += aftermath.violations().size();
    doneSecondsMax = Math.max(doneSecondsMax, aftermath.doneSeconds());
    return "round %d: %s; all done after %.1f s, %d unknown outcomes, %d repeated model calls: %s"
        .formatted(
            round,
            strikes.stream().map(Object::toString).reduce((a, b) -> a + ", then " + b).orElse(""),
            aftermath.doneSeconds(),
            aftermath.unknownOutcomes(),
            aftermath.repeatedModelCalls(),
            aftermath.violations().isEmpty()
                ? "pass"
                : aftermath.violations().size() + " VIOLATIONS");
  }

  boolean isPassed() {
    return violations == 0 && rounds > 0;
  }

  String verdict() {
    return """
    %s: %d rounds, %d sessions, %d events, %d faults, %d violations
    unknown outcomes %d, repeated model calls %d, longest round %.1f s\
    """
        .formatted(
            isPassed() ? "PASS" : "FAIL",
            rounds,
            sessions,
            events,
            faults,
            violations,
            unknownOutcomes,
            repeatedModelCalls,
            doneSecondsMax);
  }
}
