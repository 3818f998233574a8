package io.steward.harness.trace;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.steward.harness.decide.Decision;
import io.steward.harness.decide.DecisionTrace;
import io.steward.harness.request.ModelRequest;
import io.steward.schemas.egress.EgressCommand.SearchWeb;
import io.steward.schemas.event.ContentBlock;
import io.steward.schemas.event.ErrorDetail;
import io.steward.schemas.event.RequestUsage;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.event.StopReason;
import io.steward.schemas.record.LoggedRecord;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.session.Phase;
import io.steward.schemas.session.Session;
import io.steward.schemas.session.SessionFacts;
import io.steward.schemas.session.ToolCall;
import io.steward.schemas.trace.SpanKeys;
import io.steward.schemas.trace.TraceContext;
import io.steward.schemas.trace.TurnTraces;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// The spans of one session that are open: a turn, its model request, its tool calls. They begin
/// when that is decided and end when the log says so, so that whoever owns the session when
/// something ends tells of it, and nobody else. A span whose owner goes is not told of by that
/// owner; the next one begins it again under the same id. Belongs to the loop's thread.
public final class SessionSpans {
  private static final Logger LOG = Logger.getLogger(SessionSpans.class);

  private final Spans spans;
  private @Nullable OpenTurn turn;

  SessionSpans(Spans spans) {
    this.spans = spans;
  }

  private static final class OpenTurn {
    private final Span span;
    private final Context context;
    private final Map<String, Span> tools = new HashMap<>();
    private final Map<String, ModelSpan> models = new HashMap<>();

    /// What was open when this owner took the turn over, by its id, and about when it had begun.
    private final Map<String, Instant> found;

    private final boolean whole;
    private RequestUsage usage = RequestUsage.NONE;

    /// @param whole whether this owner saw the beginning
    OpenTurn(Span span, boolean whole, Map<String, Instant> found) {
      this.span = span;
      this.context = Context.root().with(span);
      this.whole = whole;
      this.found = found;
    }

    Instant begunBy(String id, Instant now) {
      return found.getOrDefault(id, now);
    }
  }

  /// The session was taken over, perhaps in the middle of a turn.
  public void takenOver(Session session) {
    turn = null;
    SessionFacts facts = session.known().orElse(null);
    boolean open = session instanceof Session.Running || session instanceof Session.Rescheduling;
    TurnTraces.Turn known = facts == null ? null : Spans.traces(facts).turn();
    if (open && facts != null && known != null) {
      turn = new OpenTurn(spans.turnAgain(facts, known), false, openIn(session, facts));
    }
  }

  /// Ids of what is open; the newest event is about when it was begun.
  private static Map<String, Instant> openIn(Session session, SessionFacts facts) {
    Map<String, Instant> open = new HashMap<>();
    if (session instanceof Session.Running running) {
      switch (running.phase()) {
        case Phase.ModelRequested requested -> open.put(requested.spanId(), facts.lastEventAt());
        case Phase.ToolsOpen(List<ToolCall> calls) ->
            calls.stream()
                .filter(call -> call.runsHere() && call.state() == ToolCall.State.RUNNING)
                .forEach(call -> open.put(call.id(), facts.lastEventAt()));
        case Phase.NeedsModel _, Phase.TurnOver _ -> {}
      }
    }
    return open;
  }

  /// The decision with the spans that what it writes belongs to. A decision that begins a turn
  /// begins its span.
  public Decision carried(Session before, Decision decision) {
    SessionFacts facts = before.known().orElse(null);
    if (facts == null) {
      return decision;
    }
    if (turn == null && begins(decision)) {
      turn = new OpenTurn(spans.turn(facts, decision.time()), true, Map.of());
    }
    OpenTurn current = turn;
    if (current == null) {
      return decision;
    }
    Map<String, TraceContext> calls = new HashMap<>();
    Stream.concat(
            decision.commands().stream().map(CalledTool::of),
            decision.egress().stream().map(CalledTool::of))
        .flatMap(Optional::stream)
        .forEach(call ->
            TraceContext.of(tool(current, facts, call, decision.time()).getSpanContext())
                .ifPresent(context -> calls.put(call.id(), context)));
    return TraceContext.of(current.span.getSpanContext())
        .map(context -> decision.traced(new DecisionTrace(context, calls)))
        .orElse(decision);
  }

  private static boolean begins(Decision decision) {
    return decision.records().stream()
        .anyMatch(record ->
            record.body()
                instanceof SessionRecord.EventRecorded(SessionEvent.SessionStatusRunning _));
  }

  private Span tool(OpenTurn current, SessionFacts facts, CalledTool call, Instant now) {
    return current.tools.computeIfAbsent(
        call.id(), _ -> spans.tool(current.context, facts, call, current.begunBy(call.id(), now)));
  }

  /// A search of this harness begins.
  public void searching(SessionFacts facts, SearchWeb search, Instant now) {
    OpenTurn current = turn;
    if (current != null) {
      var _ = tool(current, facts, CalledTool.of(search), now);
    }
  }

  /// A model request begins.
  ///
  /// @param spanId of the request in the log, or what names a request the log does not know
  /// @param summary whether it is to summarise the conversation
  public ModelSpan asking(
      SessionFacts facts, String spanId, ModelRequest request, boolean summary) {
    OpenTurn current = turn;
    Context parent = current == null ? Context.root() : current.context;
    ModelSpan model = new ModelSpan(spans.model(parent, facts, spanId, request, summary), spans);
    if (current != null && !summary) {
      current.models.put(spanId, model);
    }
    return model;
  }

  /// A record was folded.
  public void folded(Session before, LoggedRecord record) {
    OpenTurn current = turn;
    SessionFacts facts = before.known().orElse(null);
    if (current == null
        || facts == null
        || !(record.body() instanceof SessionRecord.EventRecorded(SessionEvent event))) {
      return;
    }
    switch (event) {
      case SessionEvent.SpanModelRequestEnd end -> modelEnded(current, facts, end);
      case SessionEvent.AgentToolResult result ->
          toolEnded(current, before, result.toolUseId(), result.content(), result.isError());
      case SessionEvent.AgentMcpToolResult result ->
          toolEnded(current, before, result.mcpToolUseId(), result.content(), result.isError());
      case SessionEvent.SessionError error -> failed(current.span, error.error());
      case SessionEvent.SessionStatusRescheduled _ -> current.span.addEvent("rescheduled");
      case SessionEvent.SessionStatusIdle idle -> ended(current, facts, word(idle.stopReason()));
      case SessionEvent.SessionStatusTerminated _ -> ended(current, facts, "terminated");
      default -> {}
    }
  }

  private void modelEnded(
      OpenTurn current, SessionFacts facts, SessionEvent.SpanModelRequestEnd end) {
    current.usage = sum(current.usage, end.modelUsage());
    String spanId = end.modelRequestStartId();
    ModelSpan known = current.models.remove(spanId);
    Instant since = current.found.get(spanId);
    if (known != null) {
      known.failed("interrupted"); // One that was answered has ended already.
    } else if (since != null) {
      new ModelSpan(spans.modelLost(current.context, facts, spanId, since), spans)
          .failed("owner_lost");
    }
  }

  private void toolEnded(
      OpenTurn current,
      Session before,
      String id,
      List<ContentBlock> content,
      @Nullable Boolean isError) {
    Span known = current.tools.remove(id);
    Span span = known == null ? foundOpen(current, before, id) : known;
    if (span == null) {
      return; // It was denied, and never ran.
    }
    spans.result(span, content);
    if (Boolean.TRUE.equals(isError)) {
      span.setAttribute(SpanKeys.ERROR_TYPE, "tool_error");
      span.setStatus(StatusCode.ERROR);
    }
    span.end();
  }

  /// A call whose result was there before this owner could command it again.
  private @Nullable Span foundOpen(OpenTurn current, Session before, String id) {
    Instant since = current.found.get(id);
    if (since == null
        || !(before instanceof Session.Running running)
        || !(running.phase() instanceof Phase.ToolsOpen(List<ToolCall> calls))) {
      return null;
    }
    return calls.stream()
        .filter(call -> call.id().equals(id))
        .findFirst()
        .map(call -> spans.tool(current.context, running.facts(), CalledTool.of(call), since))
        .orElse(null);
  }

  /// What a session goes on without is no failure of the turn.
  private static void failed(Span span, ErrorDetail error) {
    span.addEvent("session.error", Attributes.of(SpanKeys.ERROR_TYPE, error.type()));
    if (error.retryStatus().type() != ErrorDetail.Kind.RETRYING) {
      span.setAttribute(SpanKeys.ERROR_TYPE, error.type());
      span.setStatus(StatusCode.ERROR);
    }
  }

  private void ended(OpenTurn current, SessionFacts facts, String reason) {
    turn = null;
    try (Scope _ = current.span.makeCurrent()) {
      LOG.infof("turn ended session_id=%s stop_reason=%s", facts.id(), reason);
    }
    current.models.values().forEach(model -> model.failed("interrupted"));
    current
        .tools
        .values()
        .forEach(tool -> {
          tool.setAttribute(SpanKeys.ERROR_TYPE, "interrupted");
          tool.setStatus(StatusCode.ERROR);
          tool.end();
        });
    current.span.setAttribute(SpanKeys.STOP_REASON, reason);
    if (current.whole) {
      ModelSpan.usage(current.span, current.usage);
    }
    current.span.end();
  }

  private static RequestUsage sum(RequestUsage a, RequestUsage b) {
    return new RequestUsage(
        a.inputTokens() + b.inputTokens(),
        a.outputTokens() + b.outputTokens(),
        a.cacheCreationInputTokens() + b.cacheCreationInputTokens(),
        a.cacheReadInputTokens() + b.cacheReadInputTokens());
  }

  private static String word(StopReason reason) {
    return switch (reason) {
      case StopReason.EndTurn _ -> "end_turn";
      case StopReason.RequiresAction _ -> "requires_action";
      case StopReason.RetriesExhausted _ -> "retries_exhausted";
      case StopReason.BudgetReached _ -> "budget_reached";
      case StopReason.Refusal _ -> "refusal";
    };
  }
}
