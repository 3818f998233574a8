package io.steward.harness.judge;

import io.steward.schemas.event.Evaluation.Judgement;
import java.util.List;
import java.util.Map;

/// Decides what may happen with tool calls.
public interface Judge {
  /// Verdicts by id of the call. A call without one is not judged, and a person is asked. Blocks
  /// the calling thread for a bounded time; interrupting it ends the judging at once.
  Map<String, Judgement> judge(List<JudgedCall> calls);
}
