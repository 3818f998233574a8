package io.steward.e2e.fault.crowd;

/// What a session is doing when a fault hits.
public enum Moment {
  BEFORE_THE_MODEL_ANSWERS("before the model answers"),
  WHILE_IT_STREAMS("while it streams"),
  AFTER_A_TOOL_COMMAND("after a tool command"),
  WHILE_A_TOOL_RUNS("while a tool runs"),
  WAITING_FOR_A_CONFIRMATION("waiting for a confirmation"),
  DURING_COMPACTION("during compaction"),
  DURING_PROJECTION("during projection");

  private final String words;

  Moment(String words) {
    this.words = words;
  }

  @Override
  public String toString() {
    return words;
  }
}
