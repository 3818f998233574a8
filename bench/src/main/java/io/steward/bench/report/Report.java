package io.steward.bench.report;

import io.steward.bench.steward.Machine;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// All that a run found.
///
/// @param commit of the working tree, "unknown" outside of git
/// @param quick whether the loads were cut short, so that the figures are rough
public record Report(
    Machine machine,
    String commit,
    Instant at,
    Duration took,
    boolean quick,
    List<Section> sections) {
  public Report {
    sections = List.copyOf(sections);
  }

  /// How many figures have this verdict.
  public long count(Figure.Verdict verdict) {
    return sections.stream()
        .flatMap(section -> section.figures().stream())
        .filter(figure -> figure.verdict() == verdict)
        .count();
  }

  /// Which targets held, in one sentence.
  public String verdict() {
    long held = count(Figure.Verdict.HELD);
    return "%d of %d targets held.".formatted(held, held + count(Figure.Verdict.MISSED));
  }
}
