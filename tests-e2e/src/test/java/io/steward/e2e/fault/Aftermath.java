package io.steward.e2e.fault;

import io.steward.e2e.fault.check.Evidence;
import io.steward.e2e.fault.check.Hit;
import io.steward.e2e.fault.check.Verdict;
import io.steward.e2e.fault.crowd.Crowd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// What is left of a crowd after its faults.
///
/// @param doneSeconds from the first fault's begin until all sessions were done
/// @param troubles what clients were answered instead of 200, and how often
/// @param violations in words
record Aftermath(
    List<Evidence> evidence,
    double doneSeconds,
    int unknownOutcomes,
    int repeatedModelCalls,
    Map<String, Integer> troubles,
    List<String> violations) {
  /// How long after the last fault sessions may take.
  private static final Duration DONE_WITHIN = Duration.ofSeconds(60);

  /// Waits until the crowd is done and judges every session.
  ///
  /// @param beginNanos when the first fault began, as [System#nanoTime()]
  static Aftermath of(Crowd crowd, List<Hit> hits, long beginNanos) throws Exception {
    List<String> violations = new ArrayList<>(crowd.awaitDone(DONE_WITHIN));
    double doneSeconds = (System.nanoTime() - beginNanos) / 1e9;
    crowd.troubles().keySet().stream()
        .filter(trouble -> trouble.startsWith("500"))
        .forEach(trouble -> violations.add("a client was answered " + trouble));
    List<Evidence> evidence = crowd.evidence(hits);
    int unknown = 0;
    for (Evidence each : evidence) {
      Verdict verdict = Verdict.of(each);
      violations.addAll(verdict.violations());
      unknown += verdict.unknownOutcomes();
    }
    return new Aftermath(
        evidence,
        doneSeconds,
        unknown,
        crowd.repeatedModelCalls(),
        crowd.troubles(),
        List.copyOf(violations));
  }

  /// Writes everything down, for a person who looks for the reason.
  ///
  /// @param more what else is to be kept
  void keep(Path file, String title, String more) throws IOException {
    StringBuilder text = new StringBuilder(title).append('\n');
    troubles.forEach(
        (what, count) -> text.append(count).append(" times answered: ").append(what).append('\n'));
    violations.forEach(violation -> text.append("- ").append(violation).append('\n'));
    for (Evidence each : evidence) {
      text.append("\n--- ").append(each.label()).append("\nGET ").append(each.session());
      each.sends().forEach(sent -> text.append("\nsent ").append(sent));
      each.events().forEach(event -> text.append('\n').append(event));
    }
    Files.createDirectories(file.getParent());
    Files.writeString(file, text.append(more));
  }
}
