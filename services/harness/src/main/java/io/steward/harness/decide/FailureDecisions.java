package io.steward.harness.decide;

import io.steward.schemas.event.ErrorDetail;
import io.steward.schemas.event.RequestUsage;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.event.StopReason;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.session.Session.Running;
import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;

/// What a failed model request writes: a retry later, or the end of the turn.
public final class FailureDecisions {
  private static final double JITTER = 0.5;
  private static final int DOUBLINGS_MAX = 20;

  private final IdSource ids;
  private final TurnLimits limits;
  private final RandomGenerator random;

  public FailureDecisions(IdSource ids, TurnLimits limits, RandomGenerator random) {
    this.ids = ids;
    this.limits = limits;
    this.random = random;
  }

  /// @param spanId the request that failed
  public Decision failed(Running running, String spanId, ModelOutcome.Failed failed, Instant now) {
    Draft draft = new Draft(running, ids, now).modelRequestEnd(spanId, true, failed.usage());
    if (failed.failure().kind() == ModelFailure.Kind.CONTEXT_EXCEEDED) {
      return draft.record(new SessionRecord.ContextExceeded(spanId)).done(); // To be compacted.
    }
    return after(draft, running, failed.failure());
  }

  /// A conversation could not be summarised. A request for a summary that was too long is made
  /// shorter with each attempt.
  public Decision compactionFailed(Running running, ModelOutcome.Failed failed, Instant now) {
    Draft draft = new Draft(running, ids, now);
    if (!failed.usage().equals(RequestUsage.NONE)) {
      draft.record(new SessionRecord.ContextSummaryFailed(failed.usage()));
    }
    return after(draft, running, failed.failure());
  }

  private Decision after(Draft draft, Running running, ModelFailure failure) {
    int attempts = running.failedAttempts() + 1;
    boolean mayHelp =
        failure.kind().isTransient() || failure.kind() == ModelFailure.Kind.CONTEXT_EXCEEDED;
    boolean again = mayHelp && attempts < limits.modelAttemptsMax();
    draft.error(
        failure.kind().errorType(),
        failure.message(),
        again ? ErrorDetail.Kind.RETRYING : ErrorDetail.Kind.EXHAUSTED);
    if (!again) {
      return draft.idle(new StopReason.RetriesExhausted(), null).done();
    }
    return draft
        .event(new SessionEvent.SessionStatusRescheduled(draft.eventId(), draft.time()))
        .event(
            new SessionEvent.SessionThreadStatusRescheduled(
                draft.eventId(),
                running.facts().threadId(),
                running.facts().agent().name(),
                draft.time()))
        .record(
            new SessionRecord.RetryScheduled(attempts, draft.time().plus(delay(attempts, failure))))
        .done();
  }

  /// Doubles with each attempt, less up to half by chance, so that sessions that failed together do
  /// not come back together; never sooner than the provider asked.
  private Duration delay(int attempts, ModelFailure failure) {
    long doubled = limits.retryDelay().toMillis() << Math.min(attempts - 1, DOUBLINGS_MAX);
    long full = Math.min(doubled, limits.retryDelayMax().toMillis());
    Duration own = Duration.ofMillis(Math.round(full * (1 - JITTER * random.nextDouble())));
    Duration asked = failure.retryAfter();
    if (asked == null || asked.compareTo(own) < 0) {
      return own;
    }
    return asked.compareTo(limits.retryAfterMax()) > 0 ? limits.retryAfterMax() : asked;
  }
}
