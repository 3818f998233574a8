package io.steward.sessionlog.diagnose;

import io.steward.schemas.event.ErrorDetail;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.event.StopReason;
import io.steward.schemas.session.Session;
import io.steward.schemas.session.Step;
import io.steward.sessionlog.diagnose.Diagnosis.Cause.Type;
import io.steward.sessionlog.diagnose.Diagnosis.Owner;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Why a session waits. Pure: the same situation gives the same answer.
final class Diagnoses {
  /// What is not done after that time deserves to be looked at.
  static final Duration SOON = Duration.ofSeconds(3);

  /// From here on a reader counts as behind. Positions are committed with what is written, so a few
  /// records mean nothing.
  private static final long BEHIND_MIN = 1_000;

  private Diagnoses() {}

  /// What is found.
  ///
  /// @param since when the wait began
  /// @param deadline when it ends by itself, or null
  record Finding(
      Diagnosis.Step step,
      Owner owner,
      Instant since,
      @Nullable Instant deadline,
      Type type,
      String message) {
    Finding(Diagnosis.Step step, Owner owner, Instant since, Type type, String message) {
      this(step, owner, since, null, type, message);
    }
  }

  /// The service of Steward that acts next, as far as the log knows it.
  static Optional<Service> next(Session session) {
    return switch (Step.next(session, Step.Limits.UNBOUNDED)) {
      case Step.Rest _ -> Optional.empty();
      case Step.AwaitTools tools when tools.calls().isEmpty() -> Optional.empty();
      case Step.AwaitTools tools when tools.calls().getFirst().runsOutside() ->
          Optional.of(Service.VAULT_PROXY);
      case Step.AwaitTools _ -> Optional.of(Service.SANDBOX);
      case Step.AwaitRepositories _, Step.AwaitMcpServers _ -> Optional.of(Service.VAULT_PROXY);
      default -> Optional.of(Service.HARNESS);
    };
  }

  static Diagnosis of(Situation situation) {
    Finding found = find(situation);
    return new Diagnosis(
        situation.facts().id().value(),
        situation.session().status().wireName(),
        found.step,
        found.owner,
        found.since,
        found.deadline,
        new Diagnosis.Cause(found.type, found.message),
        situation.now());
  }

  private static Finding find(Situation situation) {
    return switch (Step.next(situation.session(), Step.Limits.UNBOUNDED)) {
      case Step.Rest _ -> atRest(situation);
      case Step.AwaitModel(String spanId) -> ModelWait.of(situation, spanId);
      case Step.AwaitTools tools -> ToolWait.of(situation, tools.calls());
      case Step.AwaitRetry(Instant retryAt) -> retry(situation, retryAt);
      case Step.AwaitRepositories repositories when repositories.until() == null ->
          atRest(situation);
      case Step.AwaitRepositories repositories ->
          vaultProxy(
              situation,
              Diagnosis.Step.AWAIT_REPOSITORIES,
              Type.CLONING_REPOSITORIES,
              "The turn waits until %d of the session's repositories are cloned."
                  .formatted(repositories.pending().size()));
      case Step.AwaitMcpServers servers ->
          vaultProxy(
              situation,
              Diagnosis.Step.AWAIT_MCP_SERVERS,
              Type.ASKING_MCP_SERVERS,
              "The turn waits until %s named its tools."
                  .formatted(
                      servers.pending().size() == 1
                          ? "the MCP server " + servers.pending().getFirst().name() + " has"
                          : servers.pending().size() + " MCP servers have"));
      // Without the harness' limits, only a conversation the provider refused looks too long.
      case Step.CallModel _, Step.Compact _, Step.StopCompactions _ ->
          ModelWait.compacting(situation).orElseGet(() -> decide(situation));
      default -> decide(situation);
    };
  }

  private static Finding atRest(Situation situation) {
    return switch (situation.session()) {
      case Session.SetAside(_, String reason) ->
          new Finding(
              Diagnosis.Step.NONE,
              Owner.OPERATOR,
              situation.facts().updatedAt(),
              Type.SET_ASIDE,
              "Nobody acts for the session any more, because this version cannot read its log: "
                  + reason
                  + ".");
      case Session.Terminated terminated -> ended(situation, terminated);
      case Session.Rescheduling _ -> retry(situation, null);
      case Session.Idle idle when idle.requiresAction() ->
          ToolWait.ofClient(situation, idle.calls());
      case Session.Idle idle -> idle(situation, idle.stopReason());
      default -> decide(situation);
    };
  }

  private static Finding ended(Situation situation, Session.Terminated terminated) {
    Instant archivedAt = terminated.facts().archivedAt();
    return archivedAt != null
        ? new Finding(
            Diagnosis.Step.NONE,
            Owner.NOBODY,
            archivedAt,
            Type.ARCHIVED,
            "The session was archived; its history can be read, and nothing comes any more.")
        : new Finding(
            Diagnosis.Step.NONE,
            Owner.NOBODY,
            situation.since(SessionEvent.SessionStatusTerminated.class::isInstance),
            Type.TERMINATED,
            "The session ended for good"
                + situation.error().map(error -> ": " + sentence(error)).orElse("."));
  }

  private static Finding idle(Situation situation, @Nullable StopReason reason) {
    boolean atBudget =
        reason instanceof StopReason.BudgetReached
            && situation.facts().budgetReached(situation.facts().lastEventAt());
    return new Finding(
        Diagnosis.Step.AWAIT_CLIENT,
        Owner.CLIENT,
        reason == null
            ? situation.facts().createdAt()
            : situation.since(SessionEvent.SessionStatusIdle.class::isInstance),
        atBudget ? Type.BUDGET_REACHED : Type.WAITING_FOR_MESSAGE,
        atBudget
            ? "The session has cost what its budget allows; raise or remove the budget to go on."
            : waiting(situation, reason));
  }

  private static String waiting(Situation situation, @Nullable StopReason reason) {
    return switch (reason) {
      case null -> "The session has had no message yet.";
      case StopReason.RetriesExhausted _ ->
          "The last turn was given up, and the session waits for a message"
              + situation.error().map(error -> ": " + sentence(error)).orElse(".");
      case StopReason.Refusal _ -> "The model refused to go on; the session waits for a message.";
      default -> "The last turn is over, and the session waits for a message.";
    };
  }

  private static Finding retry(Situation situation, @Nullable Instant retryAt) {
    if (retryAt != null && retryAt.plus(SOON).isBefore(situation.now())) {
      return decide(situation);
    }
    Optional<ErrorDetail> error = situation.error();
    Type type =
        switch (error.map(ErrorDetail::type).orElse("")) {
          case ErrorDetail.MODEL_RATE_LIMITED -> Type.RATE_LIMITED;
          case ErrorDetail.MODEL_OVERLOADED -> Type.MODEL_OVERLOADED;
          default -> Type.RETRYING;
        };
    int attempts =
        situation.session() instanceof Session.Rescheduling waiting ? waiting.failedAttempts() : 0;
    return new Finding(
        Diagnosis.Step.AWAIT_RETRY,
        Owner.HARNESS,
        situation.since(SessionEvent.SessionStatusRescheduled.class::isInstance),
        retryAt,
        type,
        "Attempt %d to ask the model failed, and it is asked again at the deadline%s"
            .formatted(attempts, error.map(detail -> ": " + sentence(detail)).orElse(".")));
  }

  /// The harness has read, or has still to read, something that it must act on.
  static Finding decide(Situation situation) {
    Instant since = situation.facts().updatedAt();
    return switch (situation.service()) {
      case Service.State.Absent _ ->
          harness(
              since,
              Type.HARNESS_ABSENT,
              "No harness has partition %d of session-events, so nobody acts for the session."
                  .formatted(situation.facts().id().partition()));
      case Service.State.Reading(long behind) when behind >= BEHIND_MIN ->
          harness(
              since,
              Type.HARNESS_BEHIND,
              "The harness of partition %d is %d records behind the end of the log."
                  .formatted(situation.facts().id().partition(), behind));
      default ->
          harness(
              since, Type.HARNESS_DUE, "The harness is to act on what the log says since then.");
    };
  }

  private static Finding harness(Instant since, Type type, String message) {
    return new Finding(Diagnosis.Step.DECIDE, Owner.HARNESS, since, type, message);
  }

  private static Finding vaultProxy(
      Situation situation, Diagnosis.Step step, Type type, String message) {
    Instant since = situation.since(SessionEvent.SessionStatusRunning.class::isInstance);
    return situation.service() instanceof Service.State.Absent
        ? ToolWait.vaultProxyAbsent(situation, step, since)
        : new Finding(step, Owner.VAULT_PROXY, since, type, message);
  }

  /// What an error says, with one full stop at its end.
  private static String sentence(ErrorDetail error) {
    String said = error.message().strip();
    return said.endsWith(".") ? said : said + ".";
  }
}
