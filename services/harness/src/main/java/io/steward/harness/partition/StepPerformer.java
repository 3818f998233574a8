package io.steward.harness.partition;

import io.steward.harness.decide.Decision;
import io.steward.harness.decide.FailureDecisions;
import io.steward.harness.decide.McpDecisions;
import io.steward.harness.decide.ModelFailure;
import io.steward.harness.decide.ModelOutcome;
import io.steward.harness.decide.ReplyDecisions;
import io.steward.harness.decide.RepositoryDecisions;
import io.steward.harness.decide.StepDecisions;
import io.steward.harness.log.RecordReader;
import io.steward.schemas.agent.McpServer;
import io.steward.schemas.egress.EgressCommand.SearchWeb;
import io.steward.schemas.egress.McpToolList;
import io.steward.schemas.egress.RepositoryResult;
import io.steward.schemas.resource.SessionResource.RepositoryResource;
import io.steward.schemas.sandbox.ToolResult;
import io.steward.schemas.session.Session;
import io.steward.schemas.session.Session.Live;
import io.steward.schemas.session.Session.Running;
import io.steward.schemas.session.SessionFacts;
import io.steward.schemas.session.Step;
import io.steward.schemas.session.ToolCall;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Turns the next step of a session, with what came from outside, into a decision or a wait.
public final class StepPerformer {
  private static final ModelFailure NO_SUMMARY =
      ModelFailure.of(
          ModelFailure.Kind.UNAVAILABLE, "The model did not summarise the conversation.");

  private final StepDecisions steps;
  private final ReplyDecisions replies;
  private final FailureDecisions failures;
  private final RepositoryDecisions repositories;
  private final McpDecisions servers;

  public StepPerformer(
      StepDecisions steps,
      ReplyDecisions replies,
      FailureDecisions failures,
      RepositoryDecisions repositories,
      McpDecisions servers) {
    this.steps = steps;
    this.replies = replies;
    this.failures = failures;
    this.repositories = repositories;
    this.servers = servers;
  }

  /// What is to be done for a session now.
  sealed interface Performance {
    /// @param used answers the decision writes
    record Decided(Decision decision, List<Arrival> used) implements Performance {}

    /// The model is to summarise the oldest entries of the conversation; the log does not change.
    ///
    /// @param callId of the call that is to be started
    /// @param attempt how often in a row it failed before
    record Summarise(String callId, SessionFacts facts, int entries, int attempt)
        implements Performance {}

    /// These searches are to be started; the log does not change.
    record Search(List<SearchWeb> searches) implements Performance {}

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

  /// @param asking whether model requests may still be opened
  Performance perform(OwnedSession owned, Instant now, boolean asking) {
    owned.cancelStale();
    Step step = steps.next(owned.session());
    return switch (owned.session()) {
      case Session.Terminated terminated -> live(owned, terminated, step, now, asking);
      case Live live ->
          toldTools(owned, live, now).orElseGet(() -> live(owned, live, step, now, asking));
      case Session.Deleted deleted when step instanceof Step.AnnounceDeleted ->
          decided(steps.announceDeleted(deleted, now));
      case Session.Deleted _, Session.Absent _, Session.SetAside _ -> new Performance.Wait();
    };
  }

  private Performance live(OwnedSession owned, Live live, Step step, Instant now, boolean asking) {
    return switch (step) {
      case Step.Rest _, Step.AnnounceDeleted _ -> {
        owned.commanded().clear();
        yield new Performance.Wait();
      }
      case Step.Announce announce -> decided(steps.announce(live, announce.announcement(), now));
      case Step.StartTurn start -> decided(steps.startTurn(live, start, now));
      case Step.CallModel call -> decided(steps.callModel(live, call, now));
      case Step.AwaitModel await -> awaitModel(owned, live, await, now, asking);
      case Step.AwaitTools(List<ToolCall> calls) -> awaitTools(owned, live, calls, now, asking);
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
      case Step.AwaitRepositories await -> awaitRepositories(owned, live, await, now);
      case Step.AwaitMcpServers await -> awaitMcpServers(owned, live, await, now);
      case Step.Compact compact -> compact(owned, live, compact, now);
      case Step.StopCompactions stop -> decided(steps.stopCompactions(live, stop, now));
      case Step.PauseAtBudget _ -> decided(steps.pauseAtBudget(live, now));
      case Step.ResumeTurn _ -> decided(steps.resumeTurn(live, now));
      case Step.AwaitRetry(Instant retryAt) ->
          now.isBefore(retryAt)
              ? new Performance.WaitUntil(retryAt)
              : decided(steps.retry(live, now));
    };
  }

  private Performance awaitModel(
      OwnedSession owned, Live live, Step.AwaitModel await, Instant now, boolean asking) {
    ModelCall call = owned.call();
    if (call == null) {
      return decided(steps.reopen(live, await, now));
    }
    ModelOutcome outcome = call.outcome();
    return switch (outcome) {
      case null -> new Performance.Wait();
      case ModelOutcome.Replied reply ->
          decided(withNext(replies.replied(live, await.spanId(), reply, now), now, asking));
      case ModelOutcome.Failed failed ->
          live instanceof Running running
              ? decided(failures.failed(running, await.spanId(), failed, now))
              : new Performance.Wait();
    };
  }

  /// Writes the results that came. A new owner sends commands again that it has not sent itself:
  /// their results may be lost, and a call runs at most once. A search of this harness is begun
  /// again, like a model request.
  private Performance awaitTools(
      OwnedSession owned, Live live, List<ToolCall> calls, Instant now, boolean asking) {
    List<Arrival> arrivals = new ArrayList<>();
    List<ToolResult> results = new ArrayList<>();
    for (Arrival arrival : owned.arrivals()) {
      if (arrival.answer() instanceof RecordReader.Answer.Tool(ToolResult result)) {
        arrivals.add(arrival);
        results.add(result);
      }
    }
    if (!arrivals.isEmpty()) {
      Decision answered = replies.toolsAnswered(live, calls, results, now);
      return new Performance.Decided(withNext(answered, now, asking), arrivals);
    }
    List<ToolCall> forgotten =
        calls.stream()
            .filter(ToolCall::runsHere)
            .filter(call -> !steps.searches(call) && !owned.commanded().has(call))
            .toList();
    if (!forgotten.isEmpty()) {
      return decided(steps.commandAgain(live, forgotten, now));
    }
    List<SearchWeb> searches =
        calls.stream()
            .filter(call -> steps.searches(call) && !owned.isSearching(call.id()))
            .map(call -> steps.search(live, call))
            .toList();
    return searches.isEmpty() ? new Performance.Wait() : new Performance.Search(searches);
  }

  /// Writes what vault-proxy answered. A new owner sends commands again that it has not sent
  /// itself.
  private Performance awaitRepositories(
      OwnedSession owned, Live live, Step.AwaitRepositories await, Instant now) {
    List<Arrival> arrivals = new ArrayList<>();
    List<RepositoryResult> results = new ArrayList<>();
    for (Arrival arrival : owned.arrivals()) {
      if (arrival.answer() instanceof RecordReader.Answer.Repository(RepositoryResult result)) {
        arrivals.add(arrival);
        results.add(result);
      }
    }
    if (!arrivals.isEmpty()) {
      return new Performance.Decided(repositories.settled(live, results, now), arrivals);
    }
    if (await.until() != null && !now.isBefore(await.until())) {
      return decided(repositories.givenUp(live, await, now));
    }
    List<RepositoryResource> forgotten =
        await.pending().stream().filter(repository -> !owned.commanded().has(repository)).toList();
    if (!forgotten.isEmpty()) {
      return decided(repositories.clone(live, forgotten, now));
    }
    return await.until() == null
        ? new Performance.Wait()
        : new Performance.WaitUntil(await.until());
  }

  /// Writes what MCP servers told, asked or not.
  private Optional<Performance> toldTools(OwnedSession owned, Live live, Instant now) {
    List<Arrival> arrivals = new ArrayList<>();
    List<McpToolList> lists = new ArrayList<>();
    for (Arrival arrival : owned.arrivals()) {
      if (arrival.answer() instanceof RecordReader.Answer.McpTools(McpToolList list)) {
        arrivals.add(arrival);
        lists.add(list);
      }
    }
    return arrivals.isEmpty()
        ? Optional.empty()
        : Optional.of(new Performance.Decided(servers.settled(live, lists, now), arrivals));
  }

  /// A new owner asks again what it has not asked itself.
  private Performance awaitMcpServers(
      OwnedSession owned, Live live, Step.AwaitMcpServers await, Instant now) {
    if (!now.isBefore(await.until())) {
      return decided(servers.givenUp(live, await, now));
    }
    List<McpServer> forgotten =
        await.pending().stream().filter(server -> !owned.commanded().has(server)).toList();
    return forgotten.isEmpty()
        ? new Performance.WaitUntil(await.until())
        : decided(servers.ask(live, forgotten, now));
  }

  private Performance compact(OwnedSession owned, Live live, Step.Compact compact, Instant now) {
    ModelCall call = owned.call();
    if (call == null) {
      String callId = live.facts().transcript().summaryId();
      int attempt = live instanceof Running running ? running.failedAttempts() : 0;
      return new Performance.Summarise(callId, live.facts(), compact.entries(), attempt);
    }
    return switch (call.outcome()) {
      case null -> new Performance.Wait();
      case ModelOutcome.Replied reply when reply.isSummary() ->
          decided(steps.compacted(live, compact, reply.text(), reply.usage(), now));
      case ModelOutcome.Replied reply ->
          compactionFailed(live, new ModelOutcome.Failed(NO_SUMMARY, reply.usage()), now);
      case ModelOutcome.Failed failed -> compactionFailed(live, failed, now);
    };
  }

  private Performance compactionFailed(Live live, ModelOutcome.Failed failed, Instant now) {
    return live instanceof Running running
        ? decided(failures.compactionFailed(running, failed, now))
        : new Performance.Wait();
  }

  /// What follows at once, the end of the turn or the next request, costs no transaction of its own
  /// (ADR 35).
  private Decision withNext(Decision decision, Instant now, boolean asking) {
    if (!(decision.after() instanceof Live live)) {
      return decision;
    }
    return switch (steps.next(live)) {
      case Step.EndTurn end -> decision.then(steps.endTurn(live, end, now));
      case Step.CallModel call when asking -> decision.then(steps.callModel(live, call, now));
      default -> decision;
    };
  }

  private static Performance decided(Decision decision) {
    return new Performance.Decided(decision, List.of());
  }
}
