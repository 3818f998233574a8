package io.steward.e2e.fault.check;

import java.util.ArrayList;
import java.util.List;

/// What the evidence about one session says.
///
/// @param violations in words, empty when all is well
/// @param unknownOutcomes calls of which nobody can say whether they ran
public record Verdict(List<String> violations, int unknownOutcomes) {
  public static Verdict of(Evidence evidence) {
    List<String> found = new ArrayList<>();
    found.addAll(SendChecks.violations(evidence));
    found.addAll(ListChecks.violations(evidence));
    found.addAll(FoldChecks.violations(evidence));
    found.addAll(ToolChecks.violations(evidence));
    found.addAll(TranscriptChecks.violations(evidence));
    found.addAll(StreamChecks.violations(evidence));
    return new Verdict(
        found.stream().map(violation -> evidence.label() + ": " + violation).toList(),
        ToolChecks.unknown(evidence).size());
  }
}
