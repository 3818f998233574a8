package io.steward.sessionlog.diagnose;

import io.steward.schemas.progress.ProgressWatch;
import io.steward.schemas.progress.SessionProgress;
import io.steward.schemas.progress.SessionProgress.Activity;
import io.steward.schemas.session.Session;
import io.steward.sessionlog.diagnose.Diagnoses.Finding;
import io.steward.sessionlog.diagnose.Diagnosis.Cause.Type;
import io.steward.sessionlog.diagnose.Diagnosis.Owner;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a model request waits for. Pure.
final class ModelWait {
  private ModelWait() {}

  /// An open model request.
  static Finding of(Situation situation, String spanId) {
    Instant asked = situation.since(spanId);
    return situation
        .about(spanId)
        .map(heard -> told(situation, Diagnosis.Step.AWAIT_MODEL, asked, heard.progress()))
        .orElseGet(() -> untold(situation, asked));
  }

  /// A summary, of which the log says nothing before it is done. What clients send meanwhile
  /// changes the session, but not the conversation that is summarised.
  static Optional<Finding> compacting(Situation situation) {
    return situation
        .about(situation.facts().transcript().summaryId())
        .map(Heard::progress)
        .map(progress -> {
          Finding model = told(situation, Diagnosis.Step.COMPACT, progress.since(), progress);
          return model.type() == Type.MODEL_WORKING
              ? new Finding(
                  Diagnosis.Step.COMPACT,
                  Owner.MODEL,
                  progress.since(),
                  progress.deadline(),
                  Type.COMPACTING,
                  "The model summarises the oldest part of the conversation, which became too"
                      + " long.")
              : model;
        });
  }

  private static Finding told(
      Situation situation, Diagnosis.Step step, Instant asked, SessionProgress progress) {
    boolean silent =
        progress.activity() == Activity.MODEL_SILENT
            || (progress.activity() == Activity.MODEL_ASKED
                && !progress.since().plus(ProgressWatch.SILENT).isAfter(situation.now()));
    if (progress.activity() == Activity.MODEL_QUEUED) {
      return new Finding(
          step,
          Owner.HARNESS,
          progress.since(),
          Type.MODEL_QUEUED,
          "As many model requests run at the provider as this harness may have at once"
              + attempt(situation)
              + "; this one is sent when another ends.");
    }
    if (silent) {
      return new Finding(
          step,
          Owner.MODEL,
          progress.since(),
          progress.deadline(),
          Type.MODEL_SILENT,
          progress.activity() == Activity.MODEL_ASKED
              ? "The model was asked and has not said anything for %s%s."
                  .formatted(time(progress.since(), situation.now()), attempt(situation))
              : "The model began to answer and has not said anything more for %s%s."
                  .formatted(time(progress.since(), situation.now()), attempt(situation)));
    }
    return working(step, asked, progress.deadline(), situation);
  }

  /// Nothing is told of a request that is quick, or whose harness is gone.
  private static Finding untold(Situation situation, Instant asked) {
    if (!asked.plus(Diagnoses.SOON).isBefore(situation.now())) {
      return working(Diagnosis.Step.AWAIT_MODEL, asked, null, situation);
    }
    if (situation.service() instanceof Service.State.Absent) {
      return Diagnoses.decide(situation);
    }
    return new Finding(
        Diagnosis.Step.AWAIT_MODEL,
        Owner.HARNESS,
        asked,
        Type.HARNESS_DUE,
        "A model request was opened, and the harness has not told how it goes"
            + attempt(situation)
            + "; one that took over asks again.");
  }

  private static Finding working(
      Diagnosis.Step step, Instant asked, @Nullable Instant deadline, Situation situation) {
    return new Finding(
        step,
        Owner.MODEL,
        asked,
        deadline,
        Type.MODEL_WORKING,
        "The model is answering" + attempt(situation) + ".");
  }

  private static String attempt(Situation situation) {
    return situation.session() instanceof Session.Running running && running.failedAttempts() > 0
        ? " (attempt " + (running.failedAttempts() + 1) + ")"
        : "";
  }

  /// A length of time for people.
  static String time(Instant from, Instant to) {
    long seconds = Math.max(0, Duration.between(from, to).toSeconds());
    return seconds < 120 ? seconds + " s" : seconds / 60 + " min";
  }
}
