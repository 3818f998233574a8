package io.steward.harness.partition;

import io.steward.harness.decide.Decision;
import io.steward.harness.decide.FailureDecisions;
import io.steward.harness.decide.ModelOutcome;
import io.steward.harness.decide.ReplyDecisions;
import io.steward.harness.decide.StepDecisions;
import io.steward.schemas.sandbox.ToolResult;
import io.steward.schemas.session.Session;
import io.steward.schemas.session.Session.Live;
import io.steward.schemas.session.Session.Running;
import io.steward.schemas.session.Step;
import io.steward.schemas.session.ToolCall;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Turns the next step of a session, with what came from outside, into a decision or a wait.
public final class StepPerformer {
  private final StepDecisions steps;
  private final ReplyDecisions replies;
  private final FailureDecisions failures;

  public StepPerformer(StepDecisions steps, ReplyDecisions replies, FailureDecisions failures) {
    this.steps = steps;
    this.replies = replies;
    this.failures = failures;
  }

  /// What is to be done for a session now.
  sealed interface Performance {
    /// @param used tool results the decision writes
    record Decided(Decision decision, List<OwnedSession.Arrival> used) implements Performance {}

    /// Nothing before that time, unless a record comes.
    record WaitUntil(Instant time) implements Performance {}

    /// Nothing until something comes.
    record Wait() implements Performance {}
  }

  /// Whether nothing is to be done for a session, so that it need not be kept in memory.
  boolean rests(OwnedSession owned) {
    return owned.isFree()
        && owned.call() == null
        && owned.arrivals().isEmpty()
        && steps.next(owned.session()) instanceof Step.Rest;
  }

  /// Steward's last word on a session it fails on.
  Optional<Decision> giveUp(OwnedSession owned, Instant now) {
    return owned.session() instanceof Live live && !(live instanceof Session.Terminated)
        ? Optional.of(steps.giveUp(live, now))
        : Optional.empty();
  }

  Performance perform(OwnedSession owned, Instant now) {
    owned.cancelStaleCall();
    Step step = steps.next(owned.session());
    return switch (owned.session()) {
      case Live live -> live(owned, live, step, now);
      case Session.Deleted deleted when step instanceof Step.AnnounceDeleted ->
          decided(steps.announceDeleted(deleted, now));
      case Session.Deleted _, Session.Absent _, Session.SetAside _ -> new Performance.Wait();
    };
  }

  private Performance live(OwnedSession owned, Live live, Step step, Instant now) {
    return switch (step) {
      case Step.Rest _, Step.AnnounceDeleted _ -> {
        owned.commanded().clear();
        yield new Performance.Wait();
      }
      case Step.Announce announce -> decided(steps.announce(live, announce.announcement(), now));
      case Step.StartTurn start -> decided(steps.startTurn(live, start, now));
      case Step.CallModel call -> decided(steps.callModel(live, call, now));
      case Step.AwaitModel await -> awaitModel(owned, live, await, now);
      case Step.AwaitTools(List<ToolCall> calls) -> awaitTools(owned, live, calls, now);
      case Step.ApplyConfirmations apply -> decided(steps.applyConfirmations(live, apply, now));
      case Step.AskClient ask -> decided(steps.askClient(live, ask, now));
      case Step.Resume resume -> decided(steps.resume(live, resume, now));
      case Step.Interrupt interrupt -> {
        owned.cancelCall();
        yield decided(steps.interrupt(live, interrupt, now));
      }
      case Step.AcknowledgeInterrupts acknowledge ->
          decided(steps.acknowledge(live, acknowledge, now));
      case Step.EndTurn end -> decided(steps.endTurn(live, end, now));
      case Step.StopToolRounds stop -> decided(steps.stopToolRounds(live, stop, now));
      case Step.AwaitRetry(Instant retryAt) ->
          now.isBefore(retryAt)
              ? new Performance.WaitUntil(retryAt)
              : decided(steps.retry(live, now));
    };
  }

  private Performance awaitModel(
      OwnedSession owned, Live live, Step.AwaitModel await, Instant now) {
    ModelCall call = owned.call();
    if (call == null) {
      return decided(steps.reopen(live, await, now));
    }
    ModelOutcome outcome = call.outcome();
    return switch (outcome) {
      case null -> new Performance.Wait();
      case ModelOutcome.Replied reply -> decided(replies.replied(live, await.spanId(), reply, now));
      case ModelOutcome.Failed failed ->
          live instanceof Running running
              ? decided(failures.failed(running, await.spanId(), failed, now))
              : new Performance.Wait();
    };
  }

  /// Writes the results that came. A new owner sends commands again that it has not sent itself:
  /// their results may be lost, and a call runs at most once.
  private Performance awaitTools(OwnedSession owned, Live live, List<ToolCall> calls, Instant now) {
    List<OwnedSession.Arrival> arrivals = owned.arrivals();
    if (!arrivals.isEmpty()) {
      List<ToolResult> results = arrivals.stream().map(OwnedSession.Arrival::result).toList();
      return new Performance.Decided(replies.toolsAnswered(live, results, now), arrivals);
    }
    List<ToolCall> forgotten =
        calls.stream()
            .filter(call -> call.kind() == ToolCall.Kind.BUILT_IN)
            .filter(call -> !owned.commanded().contains(call.id()))
            .toList();
    return forgotten.isEmpty()
        ? new Performance.Wait()
        : decided(steps.commandAgain(live, forgotten, now));
  }

  private static Performance decided(Decision decision) {
    return new Performance.Decided(decision, List.of());
  }
}
