package io.steward.harness.decide;

import io.steward.harness.request.Searcher;
import io.steward.schemas.egress.EgressCommand;
import io.steward.schemas.event.ErrorDetail;
import io.steward.schemas.event.RequestUsage;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.event.StopReason;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.model.CatalogModel;
import io.steward.schemas.model.ModelCatalog;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.sandbox.SandboxCommand;
import io.steward.schemas.session.Announcement;
import io.steward.schemas.session.Session;
import io.steward.schemas.session.Session.Live;
import io.steward.schemas.session.Step;
import io.steward.schemas.session.ToolCall;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;

/// What a step writes that needs nothing but the session.
public final class StepDecisions {
  private final IdSource ids;
  private final TurnLimits limits;
  private final ModelCatalog models;
  private final Searcher searcher;

  public StepDecisions(IdSource ids, TurnLimits limits, ModelCatalog models, Searcher searcher) {
    this.ids = ids;
    this.limits = limits;
    this.models = models;
    this.searcher = searcher;
  }

  /// The next step of a session under these limits.
  public Step next(Session session) {
    int compactAtTokens =
        session
            .known()
            .flatMap(facts -> models.find(facts.agent().model().id()))
            .map(CatalogModel::compactAtTokens)
            .orElse(Integer.MAX_VALUE);
    return Step.next(
        session,
        new Step.Limits(
            limits.toolRoundsMax(),
            compactAtTokens,
            limits.compactionsMax(),
            limits.cloneMax(),
            limits.mcpMax()));
  }

  /// Asks the model at once when that is what follows from what was written so far.
  Draft advance(Draft draft) {
    return next(draft.session()) instanceof Step.CallModel(List<SessionEvent> input)
        ? draft.processed(input).modelRequest()
        : draft;
  }

  /// Leaves idle and opens the turn.
  public Decision startTurn(Live live, Step.StartTurn step, Instant now) {
    return advance(draft(live, now).running().processed(step.input())).done();
  }

  /// Asks the model within the turn.
  public Decision callModel(Live live, Step.CallModel step, Instant now) {
    return advance(draft(live, now).processed(step.input())).done();
  }

  /// Goes on with a turn that the budget had stopped.
  public Decision resumeTurn(Live live, Instant now) {
    return advance(draft(live, now).running()).done();
  }

  /// The budget is used up, and the model would have to be asked.
  public Decision pauseAtBudget(Live live, Instant now) {
    return draft(live, now).idle(new StopReason.BudgetReached(), null).done();
  }

  /// Nobody knows what became of the open model request: it counts as failed, and the model is
  /// asked again.
  public Decision reopen(Live live, Step.AwaitModel step, Instant now) {
    return advance(draft(live, now).modelRequestEnd(step.spanId(), true, RequestUsage.NONE)).done();
  }

  /// The time of a retry has come.
  public Decision retry(Live live, Instant now) {
    return advance(draft(live, now).running()).done();
  }

  /// Commands for calls whose results are awaited; the log does not change.
  public Decision commandAgain(Live live, List<ToolCall> calls, Instant now) {
    Draft draft = draft(live, now);
    calls.forEach(call -> ToolCommands.run(draft, call, searcher).ifPresent(draft::event));
    return draft.done();
  }

  /// Whether this harness performs a call itself, without a command.
  public boolean searches(ToolCall call) {
    return searcher == Searcher.PROVIDER && call.searchesWeb();
  }

  /// What a search is asked, whoever searches.
  public EgressCommand.SearchWeb search(Live live, ToolCall call) {
    return ToolCommands.search(live.facts(), call);
  }

  /// What people decided while other calls run.
  public Decision applyConfirmations(Live live, Step.ApplyConfirmations step, Instant now) {
    Draft draft = draft(live, now).processed(step.confirmations());
    settle(draft, step.calls());
    return draft.done();
  }

  /// Waits for the client, or says again for which calls.
  public Decision askClient(Live live, Step.AskClient step, Instant now) {
    Draft draft = draft(live, now).processed(step.confirmations());
    StopReason reason = new StopReason.RequiresAction(step.eventIds());
    return (step.fromRunning() ? draft.idle(reason, null) : draft.sessionIdle(reason, null)).done();
  }

  /// Goes on after the client answered everything; when no call is left to run, the model is asked
  /// at once.
  public Decision resume(Live live, Step.Resume step, Instant now) {
    Draft draft = draft(live, now).running().processed(step.confirmations());
    settle(draft, step.calls());
    return advance(draft).done();
  }

  /// Nothing runs that could be interrupted.
  public Decision acknowledge(Live live, Step.AcknowledgeInterrupts step, Instant now) {
    return draft(live, now).processed(step.interrupts()).done();
  }

  public Decision endTurn(Live live, Step.EndTurn step, Instant now) {
    return draft(live, now).idle(step.stopReason(), step.stopDetails()).done();
  }

  public Decision stopToolRounds(Live live, Step.StopToolRounds step, Instant now) {
    return exhausted(
        live,
        ErrorDetail.TOOL_USE_LIMIT_REACHED,
        "The turn had " + step.toolRounds() + " rounds of tool calls, which is the limit.",
        now);
  }

  public Decision stopCompactions(Live live, Step.StopCompactions step, Instant now) {
    if (step.compactions() == 0) {
      return exhausted(
          live,
          ErrorDetail.MODEL_REQUEST_FAILED,
          "The message does not fit the model's context window, and there is nothing before it that"
              + " could be summarised.",
          now);
    }
    return exhausted(
        live,
        ErrorDetail.COMPACTION_LIMIT_REACHED,
        "The conversation does not fit the model's context window, and compacting it "
            + step.compactions()
            + " times in a row did not help.",
        now);
  }

  /// A limit of the turn was hit.
  private Decision exhausted(Live live, String errorType, String message, Instant now) {
    return draft(live, now)
        .error(errorType, message, ErrorDetail.Kind.EXHAUSTED)
        .idle(new StopReason.RetriesExhausted(), null)
        .done();
  }

  /// The model has summarised the oldest part of the conversation.
  public Decision compacted(
      Live live, Step.Compact step, String summary, RequestUsage usage, Instant now) {
    Draft draft = draft(live, now);
    draft.record(new SessionRecord.ContextSummary(summary, step.entries(), usage));
    draft.event(new SessionEvent.AgentThreadContextCompacted(draft.eventId(), draft.time()));
    return advance(draft).done();
  }

  /// Stops what runs. The results of open calls are written in the calls' own families, so that
  /// clients that count answers see them closed.
  public Decision interrupt(Live live, Step.Interrupt step, Instant now) {
    Draft draft = draft(live, now).processed(live.facts().inbox().confirmations());
    step.openCalls().forEach(call -> draft.event(ToolResults.interrupted(draft, call)));
    ToolCommands.cancel(draft, step.openCalls(), searcher);
    if (step.spanId() != null) {
      draft.modelRequestEnd(step.spanId(), true, RequestUsage.NONE);
    }
    return draft.processed(step.interrupts()).idle(new StopReason.EndTurn(), null).done();
  }

  public Decision announce(Live live, Announcement announcement, Instant now) {
    Draft draft = draft(live, now);
    return switch (announcement) {
      case Announcement.Updated updated ->
          draft
              .event(
                  new SessionEvent.SessionUpdated(
                      draft.eventId(),
                      updated.agent(),
                      updated.budget(),
                      updated.metadata(),
                      updated.title(),
                      draft.time()))
              .done();
      case Announcement.Archived _ -> draft.terminated().done();
    };
  }

  /// The last event of all.
  public Decision announceDeleted(Session.Deleted deleted, Instant now) {
    SessionId id = deleted.id();
    Instant time = now.truncatedTo(ChronoUnit.MILLIS);
    SessionEvent event = new SessionEvent.SessionDeleted(ids.next("sevt_"), time);
    return new Decision(
        id,
        time,
        List.of(new DecidedRecord(ids.next("rec_"), new SessionRecord.EventRecorded(event))),
        List.of(new SandboxCommand.DeleteSandbox(id)),
        List.of(new EgressCommand.ForgetSession(id)),
        null,
        new Session.Deleted(id, deleted.nextOffset() + 1, true));
  }

  /// Steward itself failed on this session, and would fail again.
  public Decision giveUp(Live live, Instant now) {
    Draft draft = draft(live, now);
    return draft
        .error(
            ErrorDetail.UNKNOWN, "An internal error ended this session.", ErrorDetail.Kind.TERMINAL)
        .terminated()
        .done();
  }

  private Draft draft(Live live, Instant now) {
    return new Draft(live, ids, now);
  }

  /// Releases what was allowed and answers what was denied.
  private void settle(Draft draft, List<ToolCall> calls) {
    for (ToolCall call : calls) {
      if (call.state() == ToolCall.State.DENIED) {
        draft.event(
            ToolResults.error(
                draft,
                call,
                Objects.requireNonNullElse(
                    call.denyMessage(), "The user denied the use of " + call.name() + ".")));
      } else if (call.state() == ToolCall.State.APPROVED) {
        ToolCommands.run(draft, call, searcher).ifPresent(draft::event);
      }
    }
  }
}
