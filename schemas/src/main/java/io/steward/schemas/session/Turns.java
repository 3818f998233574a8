package io.steward.schemas.session;

import io.steward.schemas.event.RequestUsage;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.event.StopDetails;
import io.steward.schemas.event.StopReason;
import io.steward.schemas.record.LoggedRecord;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.session.Session.Idle;
import io.steward.schemas.session.Session.Live;
import io.steward.schemas.session.Session.Rescheduling;
import io.steward.schemas.session.Session.Running;
import io.steward.schemas.session.Session.SetAside;
import io.steward.schemas.session.Session.Terminated;
import io.steward.schemas.trace.TraceContext;
import io.steward.schemas.trace.TurnTraces;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// How a turn moves: the part of the fold that knows model requests and changes of status.
final class Turns {
  /// The model's own stop reasons Steward acts on.
  private static final String REFUSAL = "refusal";

  /// The reply is not over: the model goes on when it is asked again.
  private static final Set<String> UNFINISHED = Set.of("pause_turn", "max_tokens");

  private Turns() {}

  /// Whether an event is about a model request or a tool call of a turn.
  static boolean isWork(SessionEvent event) {
    return event instanceof SessionEvent.SpanModelRequestStart
        || event instanceof SessionEvent.AgentToolUse
        || event instanceof SessionEvent.AgentCustomToolUse
        || event instanceof SessionEvent.AgentToolResult
        || event instanceof SessionEvent.AgentMcpToolUse
        || event instanceof SessionEvent.AgentMcpToolResult
        || event instanceof SessionEvent.AgentThreadContextCompacted;
  }

  static Session modelRequested(Live live, SessionEvent.SpanModelRequestStart start) {
    return live instanceof Running running
        ? running.withPhase(new Phase.ModelRequested(start.id(), List.of(), null))
        : new SetAside(live.facts(), "a model request started outside a turn: " + start.id());
  }

  /// A refused or empty reply does not become part of the conversation: the model would not accept
  /// it back.
  static Session modelResponse(Live live, SessionRecord.ModelResponse response) {
    if (live instanceof Terminated) {
      return live;
    }
    if (!(live instanceof Running running)
        || !(running.phase() instanceof Phase.ModelRequested requested)) {
      return new SetAside(live.facts(), "a model answered without a request");
    }
    List<ToolCall> calls =
        requested.calls().stream()
            .map(call -> call.withModelId(modelId(response, call.id())))
            .toList();
    boolean said = !response.content().isEmpty() && !response.stopReason().equals(REFUSAL);
    Phase.Reply reply = new Phase.Reply(response.stopReason(), response.stopDetails(), said);
    SessionFacts facts = running.facts();
    if (said) {
      facts =
          facts.withTranscript(
              facts
                  .transcript()
                  .plus(new Transcript.ModelReply(response.content(), response.stopReason()))
                  .measured(contextTokens(response.usage())));
    }
    return running
        .withFacts(facts)
        .withPhase(new Phase.ModelRequested(requested.spanId(), calls, reply));
  }

  /// What the next request starts with: everything the model read and what it wrote. Zero when the
  /// provider did not count.
  private static int contextTokens(RequestUsage usage) {
    long read =
        (long) usage.inputTokens()
            + usage.cacheCreationInputTokens()
            + usage.cacheReadInputTokens();
    return read == 0 ? 0 : (int) Math.min(Transcript.EXCEEDED - 1L, read + usage.outputTokens());
  }

  static Session summarized(Live live, SessionRecord.ContextSummary summary) {
    SessionFacts facts = live.facts();
    return Fold.with(
        live,
        facts
            .withMeter(facts.meter().plus(summary.usage()))
            .withTranscript(facts.transcript().compacted(summary.text(), summary.entries())));
  }

  static Session contextExceeded(Live live) {
    return Fold.with(live, live.facts().withTranscript(live.facts().transcript().exceeded()));
  }

  private static @Nullable String modelId(SessionRecord.ModelResponse response, String eventId) {
    return response.toolUseIds().entrySet().stream()
        .filter(entry -> entry.getValue().equals(eventId))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse(null);
  }

  static Session modelRequestEnded(Live live, SessionEvent.SpanModelRequestEnd end) {
    SessionFacts facts = live.facts().withMeter(live.facts().meter().plus(end.modelUsage()));
    if (!(live instanceof Running running)
        || !(running.phase() instanceof Phase.ModelRequested requested)) {
      return Fold.with(live, facts);
    }
    if (requested.reply() == null) {
      return new Running(
          facts, new Phase.NeedsModel(), running.toolRounds(), running.failedAttempts() + 1);
    }
    return afterReply(new Running(facts, requested, running.toolRounds(), 0), requested);
  }

  /// A new message of the user was taken up: the model has to be asked, and the limits of a turn
  /// count from here.
  static Live begun(Live live) {
    if (!(live instanceof Running running)) {
      return live;
    }
    Phase phase =
        running.phase() instanceof Phase.TurnOver ? new Phase.NeedsModel() : running.phase();
    return new Running(running.facts(), phase, 0, running.failedAttempts());
  }

  private static Running afterReply(Running running, Phase.ModelRequested requested) {
    Phase.Reply reply = Objects.requireNonNull(requested.reply());
    if (reply.stopReason().equals(REFUSAL)) { // Calls in it died with it.
      StopDetails details =
          Objects.requireNonNullElse(reply.stopDetails(), StopDetails.refusal(null, null));
      return running.withPhase(new Phase.TurnOver(new StopReason.Refusal(), details));
    }
    List<ToolCall> calls = requested.calls();
    if (calls.stream().anyMatch(ToolCall::open)) {
      return running.withPhase(new Phase.ToolsOpen(calls));
    }
    if (!calls.isEmpty()) { // Every call was denied, so its result is there already.
      SessionFacts facts = running.facts();
      return new Running(
          facts.withTranscript(facts.transcript().plus(Calls.results(calls))),
          new Phase.NeedsModel(),
          running.toolRounds() + 1,
          0);
    }
    // A round like any other, so that it has an end.
    return UNFINISHED.contains(reply.stopReason()) && reply.said()
        ? new Running(running.facts(), new Phase.NeedsModel(), running.toolRounds() + 1, 0)
        : running.withPhase(new Phase.TurnOver(new StopReason.EndTurn(), null));
  }

  static Session running(Live live, SessionEvent.SessionStatusRunning event) {
    SessionFacts facts = live.facts().withMeter(live.facts().meter().started(event.processedAt()));
    return switch (live) {
      case Idle idle -> {
        facts =
            facts
                .withResources(facts.resources().retried())
                .withMcpServers(facts.mcpServers().retried());
        List<ToolCall> calls =
            idle.calls().stream()
                .map(call -> call.state() == ToolCall.State.APPROVED ? Calls.released(call) : call)
                .toList();
        Phase phase = calls.isEmpty() ? new Phase.NeedsModel() : new Phase.ToolsOpen(calls);
        boolean goesOn = idle.requiresAction() || idle.midTurn();
        yield new Running(facts, phase, goesOn ? idle.toolRounds() : 0, 0);
      }
      case Rescheduling waiting ->
          new Running(
              facts, new Phase.NeedsModel(), waiting.toolRounds(), waiting.failedAttempts());
      case Running running -> running.withFacts(facts);
      case Terminated terminated -> terminated;
    };
  }

  /// A thread that stops at the budget has more to do; whatever else stopped it, its turn is over.
  static Session threadIdle(Live live, SessionEvent.SessionThreadStatusIdle event) {
    return live instanceof Running running && event.stopReason() instanceof StopReason.BudgetReached
        ? running.withPhase(new Phase.TurnOver(event.stopReason(), null))
        : live;
  }

  static Session idle(Live live, SessionEvent.SessionStatusIdle event) {
    if (live instanceof Terminated) {
      return live;
    }
    SessionFacts facts = live.facts().withMeter(live.facts().meter().stopped(event.processedAt()));
    if (event.stopReason() instanceof StopReason.RequiresAction) {
      return new Idle(facts, event.stopReason(), Calls.of(live), toolRounds(live), false);
    }
    // The turn is over; confirmations of its calls have nothing left to decide.
    SessionFacts settled = facts.withInbox(facts.inbox().withoutConfirmations());
    boolean midTurn =
        live instanceof Running running
            && running.phase() instanceof Phase.TurnOver(StopReason reason, var _)
            && reason instanceof StopReason.BudgetReached;
    return new Idle(settled, event.stopReason(), List.of(), toolRounds(live), midTurn);
  }

  private static int toolRounds(Live live) {
    return switch (live) {
      case Running running -> running.toolRounds();
      case Rescheduling waiting -> waiting.toolRounds();
      case Idle idle -> idle.toolRounds();
      case Terminated _ -> 0;
    };
  }

  static Session rescheduled(Live live, SessionEvent.SessionStatusRescheduled event) {
    return live instanceof Running running
        ? new Rescheduling(
            running.facts().withMeter(running.facts().meter().paused(event.processedAt())),
            running.toolRounds(),
            running.failedAttempts(),
            null)
        : live;
  }

  /// Notes to which traces the turns belong, if somebody traces.
  static Live traced(Live live, LoggedRecord record) {
    TurnTraces known = live.facts().traces();
    TraceContext context = record.trace();
    if (known == null && context == null) {
      return live;
    }
    TurnTraces before = known == null ? TurnTraces.NONE : known;
    TurnTraces after =
        switch (record.body()) {
          case SessionRecord.Created created -> sent(before, created.initialEvents(), context);
          case SessionRecord.EventsSent(List<SessionEvent> events, var _) ->
              sent(before, events, context);
          case SessionRecord.EventRecorded(SessionEvent.SessionStatusRunning _) ->
              before.began(context, record.time());
          case SessionRecord.EventRecorded(SessionEvent.SessionStatusIdle _),
              SessionRecord.EventRecorded(SessionEvent.SessionStatusTerminated _) ->
              before.ended();
          default -> before;
        };
    TurnTraces now = after.waiting(live.facts().inbox()::contains);
    return now.equals(known) ? live : Fold.with(live, live.facts().withTraces(now));
  }

  private static TurnTraces sent(
      TurnTraces traces, List<SessionEvent> events, @Nullable TraceContext context) {
    if (context == null) {
      return traces;
    }
    TurnTraces next = traces;
    for (SessionEvent event : events) {
      next =
          switch (event) {
            case SessionEvent.UserMessage message -> next.message(message.id(), context);
            case SessionEvent.ToolAnswer _ -> next.answered(context);
            default -> next;
          };
    }
    return next;
  }
}
