package io.steward.sessionlog.diagnose;

import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.progress.SessionProgress;
import io.steward.schemas.session.Phase;
import io.steward.schemas.session.Session;
import io.steward.schemas.session.ToolCall;
import io.steward.sessionlog.diagnose.Diagnoses.Finding;
import io.steward.sessionlog.diagnose.Diagnosis.Cause.Type;
import io.steward.sessionlog.diagnose.Diagnosis.Owner;
import io.steward.sessionlog.work.Lease;
import io.steward.sessionlog.work.WorkItem;
import io.steward.sessionlog.work.WorkState;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What tool calls wait for. Pure.
final class ToolWait {
  private static final Diagnosis.Step STEP = Diagnosis.Step.AWAIT_TOOLS;

  private ToolWait() {}

  /// Calls that were given to a service; none when all that is open waits for a client.
  static Finding of(Situation situation, List<ToolCall> running) {
    if (running.isEmpty()) {
      return situation.session() instanceof Session.Running turn
              && turn.phase() instanceof Phase.ToolsOpen(List<ToolCall> calls)
          ? ofClient(situation, calls)
          : Diagnoses.decide(situation);
    }
    ToolCall first = running.getFirst();
    Instant asked = situation.since(first.id());
    if (first.runsOutside()) {
      return situation.service() instanceof Service.State.Absent
          ? vaultProxyAbsent(situation, STEP, asked)
          : new Finding(
              STEP,
              Owner.VAULT_PROXY,
              asked,
              Type.TOOL_RUNNING,
              subject(running, "is", "are") + " under way.");
    }
    Optional<SessionProgress> told =
        running.stream()
            .flatMap(call -> situation.about(call.id()).stream())
            .map(Heard::progress)
            .findFirst();
    return told.map(progress -> inSandbox(running, progress))
        .orElseGet(() -> untold(situation, running, asked));
  }

  private static Finding inSandbox(List<ToolCall> running, SessionProgress progress) {
    Instant since = progress.since();
    return switch (progress.activity()) {
      case SANDBOX_PREPARING ->
          sandbox(
              since,
              null,
              Type.SANDBOX_STARTING,
              "What the session's sandbox needs is made ready: its packages and files.");
      case SANDBOX_STARTING ->
          sandbox(since, null, Type.SANDBOX_STARTING, "The session's sandbox is being made.");
      case CALL_RUNNING ->
          sandbox(
              since,
              progress.deadline(),
              Type.TOOL_RUNNING,
              subject(running, "is", "are") + " under way in the session's sandbox.");
      default ->
          sandbox(
              since,
              null,
              Type.TOOL_QUEUED,
              subject(running, "waits", "wait")
                  + " for a turn: as many calls run as may at once, or another command of the"
                  + " session is before.");
    };
  }

  private static Finding untold(Situation situation, List<ToolCall> running, Instant asked) {
    return situation.service() instanceof Service.State.Absent
        ? sandbox(
            asked,
            null,
            Type.SANDBOX_ABSENT,
            "No sandbox service reads partition %d of sandbox-commands, so nobody runs the call."
                .formatted(situation.facts().id().partition()))
        : sandbox(
            asked,
            null,
            Type.TOOL_RUNNING,
            subject(running, "is", "are")
                + " with the sandbox service, which has not told how it goes.");
  }

  private static Finding sandbox(
      Instant since, @Nullable Instant deadline, Type type, String message) {
    return new Finding(STEP, Owner.SANDBOX, since, deadline, type, message);
  }

  static Finding vaultProxyAbsent(Situation situation, Diagnosis.Step step, Instant since) {
    return new Finding(
        step,
        Owner.VAULT_PROXY,
        since,
        Type.VAULT_PROXY_ABSENT,
        "No vault-proxy reads partition %d of egress-commands, so nobody does it."
            .formatted(situation.facts().id().partition()));
  }

  /// Calls that wait for somebody outside: for a decision first, then for a result.
  static Finding ofClient(Situation situation, List<ToolCall> calls) {
    Instant since = situation.since(SessionEvent.SessionStatusIdle.class::isInstance);
    List<ToolCall> asked = in(calls, ToolCall.State.AWAITING_CONFIRMATION);
    if (!asked.isEmpty()) {
      return client(
          since,
          Type.APPROVAL_PENDING,
          "%s to be allowed or denied by a user.tool_confirmation.".formatted(waiting(asked)));
    }
    List<ToolCall> awaited = in(calls, ToolCall.State.AWAITING_CLIENT);
    List<ToolCall> byWorker =
        awaited.stream().filter(call -> call.kind() == ToolCall.Kind.BUILT_IN_BY_CLIENT).toList();
    if (!byWorker.isEmpty()) {
      return ofWorker(situation, byWorker, since);
    }
    return awaited.isEmpty()
        ? Diagnoses.decide(situation)
        : client(
            since,
            Type.CUSTOM_TOOL_PENDING,
            "%s for its result, a user.custom_tool_result.".formatted(waiting(awaited)));
  }

  private static Finding ofWorker(Situation situation, List<ToolCall> calls, Instant since) {
    WorkState state = situation.work().map(WorkItem::state).orElse(null);
    String environment = situation.facts().environment().id();
    return switch (state) {
      case WorkState.Starting starting -> held(calls, starting.lease(), starting.dueAt());
      case WorkState.Active active -> held(calls, active.lease(), active.dueAt());
      case WorkState.Stopping stopping -> stopped(calls, since, stopping);
      case WorkState.Stopped stopped -> stopped(calls, since, stopped);
      case null, default -> {
        Instant queued = state instanceof WorkState.Queued waits ? waits.since() : since;
        yield situation.workersPolling() > 0
            ? worker(
                queued,
                null,
                Type.WORKER_DUE,
                "%s for a worker; %d of environment %s poll, and none has taken the session yet."
                    .formatted(waiting(calls), situation.workersPolling(), environment))
            : worker(
                queued,
                null,
                Type.WORKER_ABSENT,
                "%s for a worker, and no worker of environment %s has polled for half a minute."
                    .formatted(waiting(calls), environment));
      }
    };
  }

  private static Finding stopped(List<ToolCall> calls, Instant since, WorkState state) {
    return worker(
        since,
        state.dueAt(),
        Type.WORKER_STOPPED,
        "%s for a worker, and the session's work item is %s; an interrupt queues a new one."
            .formatted(waiting(calls), state.wireName()));
  }

  private static Finding held(List<ToolCall> calls, Lease lease, Instant until) {
    return worker(
        lease.acknowledgedAt(),
        until,
        Type.WORKER_RUNNING,
        "%s for a worker, which has the session until the deadline unless it says more."
            .formatted(waiting(calls)));
  }

  private static Finding worker(
      Instant since, @Nullable Instant deadline, Type type, String message) {
    return new Finding(Diagnosis.Step.AWAIT_WORKER, Owner.WORKER, since, deadline, type, message);
  }

  private static Finding client(Instant since, Type type, String message) {
    return new Finding(Diagnosis.Step.AWAIT_CLIENT, Owner.CLIENT, since, type, message);
  }

  private static List<ToolCall> in(List<ToolCall> calls, ToolCall.State state) {
    return calls.stream().filter(call -> call.state() == state).toList();
  }

  private static String waiting(List<ToolCall> calls) {
    return subject(calls, "waits", "wait");
  }

  private static String subject(List<ToolCall> calls, String verbOfOne, String verbOfMany) {
    String tools = calls.stream().map(ToolCall::name).distinct().collect(Collectors.joining(", "));
    return calls.size() == 1
        ? "A call of " + tools + " " + verbOfOne
        : calls.size() + " calls (" + tools + ") " + verbOfMany;
  }
}
