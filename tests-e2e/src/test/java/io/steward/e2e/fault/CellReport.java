package io.steward.e2e.fault;

/// What came of one cell.
///
/// @param arrived sessions at the moment when the fault hit
/// @param modelMillis from the fault's end to the next request to a model; negative if there was
///   none
record CellReport(Cell cell, int arrived, double modelMillis, Aftermath aftermath) {
  static final String HEAD =
      """
      | process | blow | moment | sessions there | all done (s) | model asked again (ms) | \
      unknown outcomes | repeated model calls | verdict |
      | --- | --- | --- | --- | --- | --- | --- | --- | --- |
      """;

  boolean isPassed() {
    return aftermath.violations().isEmpty();
  }

  String row() {
    return "| %s | %s | %s | %d | %.1f | %s | %d | %d | %s |\n"
        .formatted(
            cell.victim(),
            cell.blow(),
            cell.moment(),
            arrived,
            aftermath.doneSeconds(),
            modelMillis < 0 ? "–" : "%.0f".formatted(modelMillis),
            aftermath.unknownOutcomes(),
            aftermath.repeatedModelCalls(),
            isPassed() ? "pass" : aftermath.violations().size() + " violations");
  }
}
