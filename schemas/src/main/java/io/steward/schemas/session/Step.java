package io.steward.schemas.session;

import io.steward.schemas.agent.McpServer;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.event.StopDetails;
import io.steward.schemas.event.StopReason;
import io.steward.schemas.resource.SessionResource;
import io.steward.schemas.session.Session.Absent;
import io.steward.schemas.session.Session.Deleted;
import io.steward.schemas.session.Session.Idle;
import io.steward.schemas.session.Session.Live;
import io.steward.schemas.session.Session.Rescheduling;
import io.steward.schemas.session.Session.Running;
import io.steward.schemas.session.Session.SetAside;
import io.steward.schemas.session.Session.Terminated;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/// The next thing the harness does for a session. A value, not an action: a runner performs it, and
/// its outcome comes back as records.
public sealed interface Step {
  /// Nothing, until another record is read.
  record Rest() implements Step {}

  /// Write what came of a client's request.
  record Announce(Announcement announcement) implements Step {}

  /// Write `session.deleted`, the last event of all.
  record AnnounceDeleted() implements Step {}

  /// Leave idle, take `input` from the inbox and ask the model.
  ///
  /// @param input queued client events to be processed now, in order
  /// @param callModel false when an interrupt already waits behind the input
  record StartTurn(List<SessionEvent> input, boolean callModel) implements Step {}

  /// Take `input` (often nothing) from the inbox and ask the model, within the turn.
  ///
  /// @param input a queued message with what belongs to it, or what joins the turn under way:
  ///   system messages, and confirmations whose calls were answered before they were written
  record CallModel(List<SessionEvent> input) implements Step {}

  /// A model request is open. A harness that has no such request under way ends its span as failed.
  record AwaitModel(String spanId) implements Step {}

  /// Tool calls are on the way. A harness that has just become the owner sends their commands
  /// again.
  record AwaitTools(List<ToolCall> calls) implements Step {}

  /// Write what people decided about calls, and release those they allowed.
  record ApplyConfirmations(
      List<SessionEvent.UserToolConfirmation> confirmations, List<ToolCall> calls)
      implements Step {}

  /// Nothing runs and the client must act: go idle, or say again which calls still wait.
  ///
  /// @param confirmations decisions that came since, to be written first
  /// @param eventIds the calls that wait, in order
  /// @param fromRunning whether the thread goes idle now; otherwise it already is
  record AskClient(
      List<SessionEvent.UserToolConfirmation> confirmations,
      List<String> eventIds,
      boolean fromRunning)
      implements Step {}

  /// Every call the session waited for is answered: leave idle and go on.
  record Resume(List<SessionEvent.UserToolConfirmation> confirmations, List<ToolCall> calls)
      implements Step {}

  /// Stop what runs, close open calls, end the turn.
  ///
  /// @param spanId the open model request, or null
  /// @param openCalls calls without a result, in order
  record Interrupt(
      List<SessionEvent.UserInterrupt> interrupts,
      @Nullable String spanId,
      List<ToolCall> openCalls)
      implements Step {}

  /// There is nothing to interrupt: just say that the interrupts were read.
  record AcknowledgeInterrupts(List<SessionEvent.UserInterrupt> interrupts) implements Step {}

  /// End the turn.
  record EndTurn(StopReason stopReason, @Nullable StopDetails stopDetails) implements Step {}

  /// End the turn because it had too many rounds of tool calls.
  record StopToolRounds(int toolRounds) implements Step {}

  /// Repositories are on the way, and the model is not asked before they are there. A harness that
  /// has just become the owner sends their commands again.
  ///
  /// @param until when those that are still missing count as failed; null while nobody waits
  record AwaitRepositories(
      List<SessionResource.RepositoryResource> pending, @Nullable Instant until) implements Step {}

  /// MCP servers are being asked for their tools, and the model is not asked before they answered.
  /// A harness that has just become the owner asks again.
  ///
  /// @param pending in the agent's order
  /// @param until when those that are still silent count as failed
  record AwaitMcpServers(List<McpServer> pending, Instant until) implements Step {}

  /// Have the model summarise the oldest part of the conversation.
  ///
  /// @param entries how many entries of the transcript, from the oldest
  record Compact(int entries) implements Step {}

  /// End the turn because compacting does not help.
  record StopCompactions(int compactions) implements Step {}

  /// Stop in the middle of a turn because the budget is used up.
  record PauseAtBudget() implements Step {}

  /// Go on with a turn that the budget had stopped.
  record ResumeTurn() implements Step {}

  /// Ask the model again at `retryAt`.
  record AwaitRetry(Instant retryAt) implements Step {}

  /// What bounds a turn.
  ///
  /// @param toolRoundsMax rounds of tool calls a turn may have, from 1
  /// @param compactAtTokens size of a conversation at which it is compacted
  /// @param compactionsMax compactions in a row without a reply, from 1
  /// @param cloneMax how long a turn waits for its repositories
  /// @param mcpMax how long it waits for the tools of MCP servers after that
  record Limits(
      int toolRoundsMax,
      int compactAtTokens,
      int compactionsMax,
      Duration cloneMax,
      Duration mcpMax) {
    /// Share of the threshold that stays as it is when a conversation is compacted.
    private static final double KEPT = 0.3;

    /// For asking whether there is anything to do at all.
    public static final Limits UNBOUNDED =
        new Limits(
            Integer.MAX_VALUE,
            Integer.MAX_VALUE,
            Integer.MAX_VALUE,
            Duration.ofDays(1),
            Duration.ofDays(1));

    /// @param overheadTokens what prompt and tools take of the threshold
    int keptTokens(int overheadTokens) {
      return (int) (Math.max(0, compactAtTokens - overheadTokens) * KEPT);
    }
  }

  /// What follows from the state alone.
  static Step next(Session session, Limits limits) {
    return switch (session) {
      case Absent _, SetAside _ -> new Rest();
      case Deleted deleted -> deleted.announced() ? new Rest() : new AnnounceDeleted();
      case Live live when !live.facts().announcements().isEmpty() ->
          new Announce(live.facts().announcements().getFirst());
      case Terminated _ -> new Rest();
      case Idle idle -> whenIdle(idle);
      case Running running -> whenRunning(running, limits);
      case Rescheduling waiting -> whenRescheduling(waiting);
    };
  }

  private static Step whenIdle(Idle idle) {
    Inbox inbox = idle.facts().inbox();
    List<SessionEvent.UserInterrupt> interrupts = inbox.nextInterrupts();
    if (idle.requiresAction()) {
      if (!interrupts.isEmpty()) {
        return new Interrupt(interrupts, null, open(idle.calls()));
      }
      return whenWaiting(idle, inbox.confirmations());
    }
    if (!interrupts.isEmpty() && nothingToInterrupt(idle)) {
      return new AcknowledgeInterrupts(interrupts);
    }
    if (idle.atBudget() || !idle.busy()) {
      List<SessionResource.RepositoryResource> pending = idle.facts().resources().pending();
      return pending.isEmpty() ? new Rest() : new AwaitRepositories(pending, null);
    }
    if (idle.midTurn()) {
      return new ResumeTurn();
    }
    boolean ready = idle.facts().resources().complete() && !overBudget(idle.facts());
    return new StartTurn(inbox.nextInput(), ready && interrupts.isEmpty());
  }

  /// Whether interrupts of an idle session stop nothing, neither a turn that is about to go on nor
  /// one that a message before them starts.
  private static boolean nothingToInterrupt(Idle idle) {
    return idle.atBudget() || (!idle.midTurn() && !idle.facts().inbox().messageBeforeInterrupt());
  }

  private static boolean overBudget(SessionFacts facts) {
    return facts.budgetReached(facts.lastEventAt());
  }

  private static Step whenWaiting(
      Idle idle, List<SessionEvent.UserToolConfirmation> confirmations) {
    if (idle.busy()) {
      return new Resume(confirmations, open(idle.calls()));
    }
    List<String> waiting = waiting(idle.calls());
    boolean said =
        idle.stopReason() instanceof StopReason.RequiresAction(List<String> ids)
            && ids.equals(waiting);
    return said && confirmations.isEmpty()
        ? new Rest()
        : new AskClient(confirmations, waiting, false);
  }

  private static Step whenRunning(Running running, Limits limits) {
    Inbox inbox = running.facts().inbox();
    List<ToolCall> open = open(Calls.of(running));
    if (inbox.hasInterrupt()) {
      String span =
          running.phase() instanceof Phase.ModelRequested requested ? requested.spanId() : null;
      return new Interrupt(inbox.nextInterrupts(), span, open);
    }
    return switch (running.phase()) {
      case Phase.NeedsModel _ -> beforeModel(running, limits);
      case Phase.ModelRequested requested -> new AwaitModel(requested.spanId());
      case Phase.ToolsOpen _ -> withToolsOpen(inbox.confirmations(), open);
      case Phase.TurnOver(StopReason reason, StopDetails details) ->
          reason instanceof StopReason.EndTurn && inbox.hasMessage() && !overBudget(running.facts())
              ? new CallModel(inbox.nextInput())
              : new EndTurn(reason, details);
    };
  }

  private static Step beforeModel(Running running, Limits limits) {
    SessionFacts facts = running.facts();
    if (overBudget(facts)) {
      return new PauseAtBudget();
    }
    if (running.toolRounds() >= limits.toolRoundsMax()) {
      return new StopToolRounds(running.toolRounds());
    }
    Instant since = Objects.requireNonNullElse(facts.meter().runningSince(), facts.lastEventAt());
    List<SessionResource.RepositoryResource> pending = facts.resources().pending();
    if (!pending.isEmpty()) {
      return new AwaitRepositories(pending, since.plus(limits.cloneMax()));
    }
    List<McpServer> servers = facts.pendingMcpServers();
    if (!servers.isEmpty()) {
      Instant asked =
          facts.resources().repositories().isEmpty() ? since : since.plus(limits.cloneMax());
      return new AwaitMcpServers(servers, asked.plus(limits.mcpMax()));
    }
    return compaction(facts.transcript(), limits)
        .orElseGet(() -> new CallModel(facts.inbox().joining()));
  }

  private static Optional<Step> compaction(Transcript transcript, Limits limits) {
    int tokens = transcript.tokens();
    if (tokens < limits.compactAtTokens()) {
      return Optional.empty();
    }
    OptionalInt entries = transcript.compactable(limits.keptTokens(transcript.overheadTokens()));
    if (entries.isPresent() && transcript.compactions() < limits.compactionsMax()) {
      return Optional.of(new Compact(entries.getAsInt()));
    }
    return entries.isPresent() || tokens == Transcript.EXCEEDED
        ? Optional.of(new StopCompactions(transcript.compactions()))
        : Optional.empty();
  }

  private static Step withToolsOpen(
      List<SessionEvent.UserToolConfirmation> confirmations, List<ToolCall> open) {
    if (!confirmations.isEmpty()) {
      return new ApplyConfirmations(confirmations, open);
    }
    return open.stream().allMatch(ToolCall::awaitsClient)
        ? new AskClient(List.of(), waiting(open), true)
        : new AwaitTools(
            open.stream().filter(call -> call.state() == ToolCall.State.RUNNING).toList());
  }

  private static Step whenRescheduling(Rescheduling waiting) {
    List<SessionEvent.UserInterrupt> interrupts = waiting.facts().inbox().nextInterrupts();
    if (!interrupts.isEmpty()) {
      return new Interrupt(interrupts, null, List.of());
    }
    return waiting.retryAt() == null ? new Rest() : new AwaitRetry(waiting.retryAt());
  }

  private static List<ToolCall> open(List<ToolCall> calls) {
    return calls.stream().filter(ToolCall::open).toList();
  }

  private static List<String> waiting(List<ToolCall> calls) {
    return calls.stream().filter(ToolCall::awaitsClient).map(ToolCall::id).toList();
  }
}
