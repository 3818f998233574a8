package io.steward.harness.judge;

import io.steward.schemas.event.Evaluation.Judgement;
import io.steward.schemas.event.Evaluation.Permission;

/// The judgements there are. Source: contract/events.md §6.6.
final class Verdict {
  static final String INDETERMINATE = "indeterminate";

  static final Judgement ALLOW = new Judgement(Permission.ALLOW, null);
  static final Judgement ASK = new Judgement(Permission.ASK, INDETERMINATE);
  static final Judgement HIGH_RISK = new Judgement(Permission.DENY, "high_risk");

  /// The judge itself may not be used, for lack of credit.
  static final Judgement NO_CREDIT = new Judgement(Permission.DENY, INDETERMINATE);

  private Verdict() {}
}
