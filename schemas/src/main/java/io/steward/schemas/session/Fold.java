package io.steward.schemas.session;

import io.steward.schemas.agent.ToolConfig;
import io.steward.schemas.event.ContentBlock;
import io.steward.schemas.event.ErrorDetail;
import io.steward.schemas.event.Evaluation.Permission;
import io.steward.schemas.event.RequestUsage;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.mcp.McpServers;
import io.steward.schemas.record.LoggedRecord;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.session.Session.Deleted;
import io.steward.schemas.session.Session.Idle;
import io.steward.schemas.session.Session.Live;
import io.steward.schemas.session.Session.Rescheduling;
import io.steward.schemas.session.Session.Running;
import io.steward.schemas.session.Session.SetAside;
import io.steward.schemas.session.Session.Terminated;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How a record changes a session. Pure: no clock, no I/O, no randomness; the only code that
/// changes the state of a session.
final class Fold {
  private Fold() {}

  static Session apply(Session session, LoggedRecord record) {
    return switch (session) {
      case Session.Absent absent ->
          record.body() instanceof SessionRecord.Created created
              ? applyCreated(absent, created, record)
              : absent;
      case Live live -> record.offset() < live.facts().nextOffset() ? live : applyNew(live, record);
      case Deleted deleted -> applyDeleted(deleted, record);
      case SetAside aside -> applySetAside(aside, record);
    };
  }

  /// A creation no rule foresaw makes no session, for every reader alike.
  private static Session applyCreated(
      Session.Absent absent, SessionRecord.Created created, LoggedRecord record) {
    try {
      return Turns.traced(
          new Idle(
              SessionFacts.created(created, record.time(), record.offset() + 1), null, List.of()),
          record);
    } catch (RuntimeException e) {
      return absent;
    }
  }

  /// Deleting is the one thing that can still be done with a session nobody understands.
  private static Session applySetAside(SetAside aside, LoggedRecord record) {
    boolean deletes =
        record.body() instanceof SessionRecord.DeleteRequested
            && record.offset() >= aside.facts().nextOffset();
    return deletes ? new Deleted(aside.facts().id(), record.offset() + 1, false) : aside;
  }

  private static Session applyDeleted(Deleted deleted, LoggedRecord record) {
    boolean announces =
        record.body() instanceof SessionRecord.EventRecorded(SessionEvent.SessionDeleted _);
    return announces && !deleted.announced()
        ? new Deleted(deleted.id(), record.offset() + 1, true)
        : deleted;
  }

  /// A record no rule foresaw (a required field is missing, a total overflows) must not stop a
  /// reader of all sessions. The rules are pure, so every reader fails at it, and alike.
  private static Session applyNew(Live before, LoggedRecord record) {
    // An ended session keeps the time of its end: its duration is counted up to there.
    Instant updatedAt = before instanceof Terminated ? before.facts().updatedAt() : record.time();
    Live live = with(before, before.facts().read(updatedAt, record.offset()));
    try {
      Session after = applyTo(live, record);
      return after instanceof Live next ? Turns.traced(next, record) : after;
    } catch (RuntimeException e) {
      return new SetAside(
          live.facts(), "the record " + record.recordId() + " cannot be applied: " + e);
    }
  }

  private static Session applyTo(Live live, LoggedRecord record) {
    return switch (record.body()) {
      case SessionRecord.Created _ ->
          new SetAside(live.facts(), "the session was created a second time");
      case SessionRecord.EventsSent sent ->
          sent(with(live, live.facts().withAttachments(sent.attachments())), sent.events());
      case SessionRecord.UpdateRequested update -> Requests.update(live, record.recordId(), update);
      case SessionRecord.ResourceAddRequested add ->
          Requests.addResource(live, record.recordId(), add.resource());
      case SessionRecord.ResourceUpdateRequested update ->
          Requests.updateResource(live, record.recordId(), update);
      case SessionRecord.ResourceDeleteRequested delete ->
          Requests.deleteResource(live, record.recordId(), delete.resourceId());
      case SessionRecord.RepositorySettled settled ->
          with(
              live,
              live.facts()
                  .withResources(
                      live.facts()
                          .resources()
                          .settled(settled.resourceId(), settled.archiveKey())));
      case SessionRecord.McpServerSettled settled ->
          with(
              live,
              live.facts()
                  .withMcpServers(
                      live.facts()
                          .mcpServers()
                          .with(
                              settled.serverName(),
                              new McpServers.Settled(settled.url(), settled.tools()))));
      case SessionRecord.ToolOutputKept kept ->
          with(
              live,
              live.facts()
                  .withKeptOutputs(
                      live.facts()
                          .keptOutputs()
                          .plus(kept.toolUseId(), kept.blobKey(), kept.sizeBytes())));
      case SessionRecord.ContextSummary summary ->
          live instanceof Terminated ? live : Turns.summarized(live, summary);
      case SessionRecord.ContextSummaryFailed(RequestUsage usage) ->
          with(live, live.facts().withMeter(live.facts().meter().plus(usage)));
      case SessionRecord.ContextExceeded _ ->
          live instanceof Terminated ? live : Turns.contextExceeded(live);
      case SessionRecord.ArchiveRequested archive ->
          Requests.archive(live, record.recordId(), archive.at());
      case SessionRecord.DeleteRequested _ -> Requests.delete(live, record.recordId());
      case SessionRecord.EventRecorded(SessionEvent event) -> {
        Live next = with(live, live.facts().withEventAt(event.processedAt()));
        yield next instanceof Terminated ended
            ? recordedAfterEnd(ended, event)
            : recorded(next, event);
      }
      case SessionRecord.ModelResponse response ->
          live instanceof Terminated ? live : Turns.modelResponse(live, response);
      case SessionRecord.RetryScheduled retry ->
          live instanceof Rescheduling waiting
              ? new Rescheduling(
                  waiting.facts(), waiting.toolRounds(), retry.attempt(), retry.retryAt())
              : live;
      case SessionRecord.Unrecognized(String type, boolean mayIgnore) ->
          mayIgnore
              ? live
              : new SetAside(live.facts(), "this version does not know records of type " + type);
    };
  }

  /// The same state with other facts.
  static Live with(Live live, SessionFacts facts) {
    return switch (live) {
      case Idle idle -> idle.withFacts(facts);
      case Running running -> running.withFacts(facts);
      case Rescheduling waiting ->
          new Rescheduling(
              facts, waiting.toolRounds(), waiting.failedAttempts(), waiting.retryAt());
      case Terminated _ -> new Terminated(facts);
    };
  }

  /// What a client sent: answers take effect at once, the rest waits in the inbox. What lost a race
  /// (an answer to a closed call, anything to a terminated session) has no effect.
  private static Session sent(Live live, List<SessionEvent> events) {
    Live next = live;
    for (SessionEvent event : events) {
      next = with(next, next.facts().withEventAt(event.processedAt()));
      if (next instanceof Terminated || next.facts().inbox().contains(event.id())) {
        continue;
      }
      next =
          switch (event) {
            case SessionEvent.ToolAnswer answer -> answered(next, answer);
            default -> with(next, next.facts().withInbox(next.facts().inbox().plus(event)));
          };
    }
    return next;
  }

  private static Live answered(Live live, SessionEvent.ToolAnswer answer) {
    List<ToolCall> calls = Calls.of(live);
    ToolCall call = Calls.find(calls, answer.answeredId());
    if (call == null || !Calls.accepts(call, answer)) {
      return live;
    }
    SessionFacts facts = live.facts().withAnswer(answer);
    return switch (answer) {
      case SessionEvent.UserToolConfirmation confirmation -> {
        ToolCall decided =
            confirmation.result() == SessionEvent.Verdict.ALLOW
                ? call.withState(ToolCall.State.APPROVED)
                : call.denied(confirmation.denyMessage());
        SessionFacts queued = facts.withInbox(facts.inbox().plus(answer));
        yield Calls.with(with(live, queued), Calls.replace(calls, decided));
      }
      case SessionEvent.UserCustomToolResult result ->
          closed(with(live, facts), call, result.content(), result.isError());
      case SessionEvent.UserToolResult result ->
          closed(with(live, facts), call, result.content(), result.isError());
    };
  }

  /// The session once a call that ran here has its result.
  private static Session closedHere(
      Live live, String callId, List<ContentBlock> content, @Nullable Boolean isError) {
    ToolCall call = Calls.find(Calls.of(live), callId);
    if (call == null || !call.open()) {
      return new SetAside(live.facts(), "a result came for no open call: " + callId);
    }
    boolean searched = call.searchesWeb() && !Boolean.TRUE.equals(isError);
    SessionFacts facts = live.facts();
    Live counted = searched ? with(live, facts.withMeter(facts.meter().plusSearch())) : live;
    return closed(counted, call, content, isError);
  }

  /// The session once `call` has its result. When it was the last open one, all results join the
  /// transcript.
  private static Live closed(
      Live live, ToolCall call, @Nullable List<ContentBlock> content, @Nullable Boolean isError) {
    ToolCall.Result result =
        new ToolCall.Result(content == null ? List.of() : content, Boolean.TRUE.equals(isError));
    List<ToolCall> calls = Calls.replace(Calls.of(live), call.answered(result));
    boolean replyComplete =
        !(live instanceof Running running && running.phase() instanceof Phase.ModelRequested);
    if (!replyComplete || calls.stream().anyMatch(ToolCall::open)) {
      return Calls.with(live, calls);
    }
    SessionFacts facts =
        live.facts().withTranscript(live.facts().transcript().plus(Calls.results(calls)));
    return switch (live) {
      case Idle idle -> new Idle(facts, idle.stopReason(), List.of(), idle.toolRounds() + 1, false);
      case Running running ->
          new Running(facts, new Phase.NeedsModel(), running.toolRounds() + 1, 0);
      case Rescheduling _, Terminated _ -> live;
    };
  }

  /// What the harness had decided before it read of the end changes nothing any more.
  private static Live recordedAfterEnd(Terminated ended, SessionEvent event) {
    SessionFacts facts = ended.facts();
    return switch (event) {
      case SessionEvent.ClientEvent processed ->
          new Terminated(facts.withInbox(facts.inbox().without(processed.id())));
      case SessionEvent.SpanModelRequestEnd end ->
          new Terminated(facts.withMeter(facts.meter().plus(end.modelUsage())));
      case SessionEvent.SessionStatusTerminated _, SessionEvent.SessionUpdated _ ->
          new Terminated(facts.announced());
      default -> ended;
    };
  }

  private static Session recorded(Live live, SessionEvent event) {
    if (live instanceof Terminated && Turns.isWork(event)) {
      return live; // It was decided before the end of the session was read.
    }
    return switch (event) {
      case SessionEvent.ClientEvent processed -> processed(live, processed);
      case SessionEvent.AgentToolUse use -> opened(live, builtIn(live, use));
      case SessionEvent.AgentMcpToolUse use ->
          opened(
              live,
              ToolCall.openedMcp(
                  use.id(),
                  use.mcpServerName(),
                  use.name(),
                  use.input(),
                  use.evaluatedPermission() == Permission.ASK
                      ? ToolCall.State.AWAITING_CONFIRMATION
                      : ToolCall.State.RUNNING));
      case SessionEvent.AgentCustomToolUse use ->
          opened(
              live,
              ToolCall.opened(
                  use.id(),
                  ToolCall.Kind.CUSTOM,
                  use.name(),
                  use.input(),
                  ToolCall.State.AWAITING_CLIENT));
      case SessionEvent.AgentToolResult result ->
          closedHere(live, result.toolUseId(), result.content(), result.isError());
      case SessionEvent.AgentMcpToolResult result ->
          closedHere(live, result.mcpToolUseId(), result.content(), result.isError());
      case SessionEvent.SpanModelRequestStart start -> Turns.modelRequested(live, start);
      case SessionEvent.SpanModelRequestEnd end -> Turns.modelRequestEnded(live, end);
      case SessionEvent.SessionStatusRunning running -> Turns.running(live, running);
      case SessionEvent.SessionThreadStatusIdle idle -> Turns.threadIdle(live, idle);
      case SessionEvent.SessionStatusIdle idle -> Turns.idle(live, idle);
      case SessionEvent.SessionStatusRescheduled rescheduled ->
          Turns.rescheduled(live, rescheduled);
      case SessionEvent.SessionStatusTerminated terminated ->
          new Terminated(
              live.facts().withMeter(live.facts().meter().paused(terminated.processedAt())));
      case SessionEvent.SessionError error ->
          error.error().retryStatus().type() == ErrorDetail.Kind.EXHAUSTED
              ? with(live, live.facts().withInbox(live.facts().inbox().withoutMessages()))
              : live;
      case SessionEvent.SessionUpdated _ -> with(live, live.facts().announced());
      case SessionEvent.AgentMessage _,
          SessionEvent.AgentThinking _,
          SessionEvent.AgentThreadContextCompacted _,
          SessionEvent.SessionUsage _,
          SessionEvent.SessionDeleted _,
          SessionEvent.SessionThreadStatusRunning _,
          SessionEvent.SessionThreadStatusRescheduled _,
          SessionEvent.SessionThreadStatusTerminated _ ->
          live;
    };
  }

  /// The processed copy of a client event: it leaves the inbox, and what it says takes effect.
  private static Live processed(Live live, SessionEvent.ClientEvent event) {
    if (!live.facts().inbox().contains(event.id())) {
      return event instanceof SessionEvent.ToolAnswer answer ? interrupted(live, answer) : live;
    }
    SessionFacts facts = live.facts().withInbox(live.facts().inbox().without(event.id()));
    return switch (event) {
      case SessionEvent.UserMessage message ->
          Turns.begun(
              with(
                  live,
                  facts.withTranscript(
                      facts.transcript().plus(new Transcript.UserInput(message.content())))));
      case SessionEvent.SystemMessage message ->
          with(
              live,
              facts.withTranscript(
                  facts.transcript().plus(new Transcript.SystemInput(message.content()))));
      case SessionEvent.UserInterrupt _ -> with(live, facts);
      case SessionEvent.ToolAnswer answer -> {
        Live next = with(live, facts);
        ToolCall call = Calls.find(Calls.of(next), answer.answeredId());
        yield next instanceof Running && call != null && call.state() == ToolCall.State.APPROVED
            ? Calls.with(next, Calls.replace(Calls.of(next), Calls.released(call)))
            : next;
      }
    };
  }

  /// An error result the harness wrote in the client's name, because an interrupt closed the call.
  private static Live interrupted(Live live, SessionEvent.ToolAnswer answer) {
    ToolCall call = Calls.find(Calls.of(live), answer.answeredId());
    if (call == null || !call.open()) {
      return live;
    }
    return switch (answer) {
      case SessionEvent.UserCustomToolResult result ->
          closed(live, call, result.content(), result.isError());
      case SessionEvent.UserToolResult result ->
          closed(live, call, result.content(), result.isError());
      case SessionEvent.UserToolConfirmation _ -> live;
    };
  }

  private static ToolCall builtIn(Live live, SessionEvent.AgentToolUse use) {
    boolean byClient =
        live.facts().environment().selfHosted() && !ToolConfig.WEB_TOOLS.contains(use.name());
    ToolCall.Kind kind = byClient ? ToolCall.Kind.BUILT_IN_BY_CLIENT : ToolCall.Kind.BUILT_IN;
    ToolCall.State state = ToolCall.State.RUNNING;
    if (use.evaluatedPermission() == Permission.ASK) {
      state = ToolCall.State.AWAITING_CONFIRMATION;
    } else if (byClient && use.evaluatedPermission() != Permission.DENY) {
      state = ToolCall.State.AWAITING_CLIENT;
    }
    return ToolCall.opened(use.id(), kind, use.name(), use.input(), state);
  }

  private static Session opened(Live live, ToolCall call) {
    if (live instanceof Running running
        && running.phase() instanceof Phase.ModelRequested requested) {
      List<ToolCall> calls = new ArrayList<>(requested.calls());
      calls.add(call);
      return running.withPhase(
          new Phase.ModelRequested(requested.spanId(), calls, requested.reply()));
    }
    return new SetAside(live.facts(), "a tool call came without a model request: " + call.id());
  }
}
