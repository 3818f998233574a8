package io.steward.sandbox.call;

import static java.util.stream.Collectors.groupingBy;

import io.steward.sandbox.journal.Journal;
import io.steward.sandbox.shim.Cancellation;
import io.steward.sandbox.shim.Recalled;
import io.steward.sandbox.shim.Sandbox;
import io.steward.sandbox.shim.SandboxDetachedException;
import io.steward.sandbox.tool.ToolAnswer;
import io.steward.sandbox.tool.Toolset;
import io.steward.schemas.id.SessionId;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;

/// Answers calls that somebody began who is gone: an earlier life of this service, or an instance
/// that is silent. Where their sandbox goes on without a service, it is taken over and asked, and
/// its answer is the call's; a call it does not know never runs there. Where the sandbox is gone,
/// the outcome is unknown.
final class LeftCalls {
  private static final Logger LOG = Logger.getLogger(LeftCalls.class);
  private static final int REATTACHMENTS_MAX = 5;
  private static final Duration REATTACHMENT_PAUSE = Duration.ofSeconds(2);
  private static final Duration WAITING_PAUSE = Duration.ofMillis(20);
  private static final Duration OUTPUTS_MAX = Duration.ofSeconds(1);

  /// What a command gets at least, so that the end of one that ended long ago is read.
  private static final Duration REST_MIN = Duration.ofSeconds(10);

  private final Sandboxes sandboxes;
  private final Toolset toolset;
  private final CallRecords records;
  private final ShellTurns turns;
  private final InstantSource clock;
  private final CallCounts counts;
  private final BooleanSupplier stopping;
  private final Map<String, Left> left = new ConcurrentHashMap<>();
  private final Map<String, Instant> letGo = new ConcurrentHashMap<>();

  private record Left(Journal.Entry.Started entry, Cancellation cancellation) {
    String id() {
      return entry.call().toolUseId();
    }

    SessionId session() {
      return entry.call().sessionId();
    }
  }

  private record Origin(SessionId session, String incarnation) {}

  private record LeftCommand(Left call, Recalled.Command command) {}

  /// @param stopping ends trying again
  LeftCalls(
      Sandboxes sandboxes,
      Toolset toolset,
      CallRecords records,
      ShellTurns turns,
      InstantSource clock,
      CallCounts counts,
      BooleanSupplier stopping) {
    this.sandboxes = sandboxes;
    this.toolset = toolset;
    this.records = records;
    this.turns = turns;
    this.clock = clock;
    this.counts = counts;
    this.stopping = stopping;
  }

  /// Has calls answered. Where sandboxes last, that goes on after this method returned; commands of
  /// their sessions that come later wait for it.
  void answer(List<Journal.Entry.Started> begun) {
    List<Left> fresh = new ArrayList<>();
    for (Journal.Entry.Started entry : begun) {
      Left call = new Left(entry, new Cancellation());
      if (left.putIfAbsent(call.id(), call) == null) {
        fresh.add(call);
      }
    }
    fresh.stream()
        .collect(groupingBy(call -> new Origin(call.session(), call.entry().incarnation())))
        .forEach(this::answer);
  }

  /// Has the calls of `session` answered and waits for it, before another call makes a sandbox.
  ///
  /// @param running ids of calls that are none of these
  /// @param givenUp ends waiting
  void answerFirst(SessionId session, Set<String> running, BooleanSupplier givenUp) {
    List<Journal.Entry.Started> begun =
        records.startedOf(session).stream()
            .filter(entry -> !running.contains(entry.call().toolUseId()))
            .toList();
    answer(begun);
    while (!givenUp.getAsBoolean()
        && begun.stream().anyMatch(entry -> left.containsKey(entry.call().toolUseId()))) {
      LockSupport.parkNanos(WAITING_PAUSE.toNanos());
    }
  }

  private void answer(Origin origin, List<Left> group) {
    if (!sandboxes.areLasting()) {
      try {
        group.forEach(this::answerLost);
      } finally {
        group.forEach(call -> left.remove(call.id()));
      }
      return;
    }
    ShellTurns.Turn turn = turns.enter(origin.session());
    Thread.ofVirtual()
        .name("left-" + origin.incarnation())
        .start(() -> {
          try {
            pickUp(origin, group);
          } catch (SandboxDetachedException e) {
            group.forEach(call -> letGo(call.id()));
          } catch (RuntimeException e) {
            LOG.errorf(e, "calls left behind were not answered session_id=%s", origin.session());
            group.forEach(call -> letGo(call.id()));
          } finally {
            group.forEach(call -> left.remove(call.id()));
            turn.leave();
          }
        });
  }

  /// Notes a call whose sandbox was taken over by somebody else, who should answer it.
  void letGo(String toolUseId) {
    letGo.put(toolUseId, clock.instant());
  }

  /// Looks after calls that were let go for `silence`: whoever took them over may have died.
  void lookAfter(Duration silence) {
    Instant before = clock.instant().minus(silence);
    letGo.forEach((id, since) -> {
      if (since.isBefore(before)
          && letGo.remove(id, since)
          && records.find(id).orElse(null) instanceof Journal.Entry.Started entry) {
        answer(List.of(entry));
      }
    });
  }

  /// Stops a call that is waited for.
  void cancel(SessionId session, String toolUseId) {
    Left call = left.get(toolUseId);
    if (call != null && call.session().equals(session)) {
      call.cancellation().cancel();
    }
  }

  /// What stops the calls of a session that are waited for.
  List<Cancellation> of(SessionId session) {
    return left.values().stream()
        .filter(call -> call.session().equals(session))
        .map(Left::cancellation)
        .toList();
  }

  private void pickUp(Origin origin, List<Left> group) {
    Optional<SessionSandbox.Place.Ready> place = reattach(origin);
    if (place.isEmpty()) {
      group.forEach(this::answerLost);
      return;
    }
    try {
      ask(place.get(), group);
    } finally {
      place.get().owner().release();
    }
  }

  private Optional<SessionSandbox.Place.Ready> reattach(Origin origin) {
    for (int attempt = 1; attempt <= REATTACHMENTS_MAX && !stopping.getAsBoolean(); attempt++) {
      try {
        return sandboxes.reattach(origin.session(), origin.incarnation(), stopping);
      } catch (IOException e) {
        LOG.warnf(
            "a sandbox could not be taken over session_id=%s incarnation=%s: %s",
            origin.session(), origin.incarnation(), e);
        LockSupport.parkNanos(REATTACHMENT_PAUSE.toNanos());
      }
    }
    if (stopping.getAsBoolean()) {
      throw new IllegalStateException("the service stops");
    }
    return Optional.empty();
  }

  private void ask(SessionSandbox.Place.Ready place, List<Left> group) {
    Sandbox sandbox = place.sandbox();
    List<LeftCommand> commands = new ArrayList<>();
    for (Left call : group) {
      Recalled recalled = toolset.recall(sandbox, call.id());
      if (recalled instanceof Recalled.Command command) {
        commands.add(new LeftCommand(call, command));
      } else {
        answer(place, call, toolset.answer(recalled));
      }
    }
    for (LeftCommand each : commands) {
      Left call = each.call();
      Duration rest = each.command().timeout().minus(took(call.entry()));
      ToolAnswer answer =
          toolset.await(
              sandbox,
              each.command(),
              new Toolset.Call(
                  call.id(),
                  Optional.of(rest.compareTo(REST_MIN) < 0 ? REST_MIN : rest),
                  call.cancellation()));
      answer(place, call, Optional.of(answer));
    }
    sandbox.listen();
  }

  private void answer(SessionSandbox.Place.Ready place, Left call, Optional<ToolAnswer> answer) {
    if (answer.isEmpty()) {
      answerLost(call);
      return;
    }
    place.owner().pull(Duration.ZERO);
    records.finish(
        call.entry().call(),
        answer.get(),
        took(call.entry()),
        () -> {
          place.owner().files().save();
          look(call);
        });
    toolset.forget(place.sandbox(), call.id());
    LOG.infof(
        "call picked up session_id=%s tool_use_id=%s outcome=%s",
        call.session(), call.id(), answer.get().outcome());
  }

  private void answerLost(Left lost) {
    counts.callLost();
    LOG.warnf(
        "call lost with its sandbox session_id=%s tool_use_id=%s owner=%s",
        lost.session(), lost.id(), lost.entry().call().owner());
    records.finish(
        lost.entry().call(),
        ToolAnswer.unknown("the sandbox it ran in was lost before it could report"),
        took(lost.entry()),
        () -> look(lost));
  }

  private void look(Left call) {
    CompletableFuture<Void> outputs =
        sandboxes.lookAtLost(call.session(), call.entry().call().workspaceId());
    outputs.copy().completeOnTimeout(null, OUTPUTS_MAX.toMillis(), TimeUnit.MILLISECONDS).join();
  }

  private Duration took(Journal.Entry.Started entry) {
    Duration took = Duration.between(entry.startedAt(), clock.instant());
    return took.isNegative() ? Duration.ZERO : took;
  }
}
