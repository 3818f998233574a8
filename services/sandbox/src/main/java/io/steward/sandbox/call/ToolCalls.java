package io.steward.sandbox.call;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Context;
import io.steward.sandbox.driver.InstalledPackages;
import io.steward.sandbox.journal.Journal;
import io.steward.sandbox.mount.Mounting;
import io.steward.sandbox.output.Occasion;
import io.steward.sandbox.shim.Cancellation;
import io.steward.sandbox.shim.SandboxDetachedException;
import io.steward.sandbox.tool.ToolAnswer;
import io.steward.sandbox.tool.ToolInput;
import io.steward.sandbox.tool.ToolRequest;
import io.steward.sandbox.tool.Toolset;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.progress.ProgressWatch;
import io.steward.schemas.progress.SessionProgress.Activity;
import io.steward.schemas.sandbox.SandboxCommand;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/// Performs commands. A call runs at most once:
///
/// 1. A known id is answered from the journal, or was answered.
/// 2. An unknown one waits for its turn, the packages of its environment and a permit, gets a
///    sandbox with all its mounts, and is journalled as started; only who wrote that row runs it.
///    Then its command is acknowledged.
/// 3. Its end is journalled, its outputs are published, it is sent, and journalled as answered.
///    Large outputs do not hold it up for longer than [#OUTPUTS_MAX].
///
/// What step 2 makes before the row is harmless to make again. So a crash before the row means a
/// fresh start, and a crash after it means that the outcome is unknown, unless the sandbox goes on
/// and can tell ([LeftCalls]).
///
/// A cancel before step 2 makes the id known as canceled, so that step 2 fails for ever. [#run],
/// [#cancel], [#prepare], [#end] and [#delete] never block and are called by one thread, in the
/// order of the commands; the rest happens on virtual threads.
public final class ToolCalls implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(ToolCalls.class);
  private static final Duration OUTPUTS_MAX = Duration.ofSeconds(1);
  private static final Duration ANSWER_PAUSE = Duration.ofMillis(10);
  private static final String CANCELED = "The call was canceled before it started; nothing ran.";
  private static final String BROKEN =
      "The sandbox service could not handle this call, so nothing ran.";

  private final Sandboxes sandboxes;
  private final Toolset toolset;
  private final Journal journal;
  private final CallRecords records;
  private final String owner;
  private final InstantSource clock;
  private final CallCounts counts;
  private final Permits permits;
  private final LeftCalls left;
  private final Preparations preparations;
  private final SessionEnds ends;
  private final ShellTurns turns = new ShellTurns();
  private final ProgressWatch progress;
  private final Map<String, RunningCall> calls = new ConcurrentHashMap<>();
  private final Set<String> started = ConcurrentHashMap.newKeySet();
  private long commands;
  private volatile boolean draining;
  private volatile boolean stopping;

  /// @param owner names the directory whose sandboxes these are
  /// @param callsMax how many calls run at once
  public record Identity(String owner, int callsMax) {}

  public ToolCalls(
      Sandboxes sandboxes,
      Toolset toolset,
      Journal journal,
      Outbox outbox,
      InstantSource clock,
      Identity identity,
      CallCounts counts) {
    this.sandboxes = sandboxes;
    this.toolset = toolset;
    this.journal = journal;
    this.records = new CallRecords(journal, outbox, clock, () -> stopping);
    this.owner = identity.owner();
    this.clock = clock;
    this.counts = counts;
    this.progress = new ProgressWatch(clock);
    this.permits = new Permits(identity.callsMax());
    this.left = new LeftCalls(sandboxes, toolset, records, turns, clock, counts, () -> draining);
    this.preparations =
        new Preparations(sandboxes, counts, sandboxes.limits().preparationsMax(), () -> draining);
    this.ends = new SessionEnds(sandboxes, journal, preparations, clock, this::callsOf);
  }

  /// How far calls are.
  public ProgressWatch progress() {
    return progress;
  }

  /// Runs a tool, unless its id is known. Its span is the current one of this thread, and ends with
  /// the call.
  ///
  /// @param acknowledge called once the journal knows the call
  public void run(SandboxCommand.RunTool command, String workspaceId, Runnable acknowledge) {
    if (draining) {
      return; // Not acknowledged: it comes again, here or elsewhere.
    }
    boolean ordered = command.name().equals("bash");
    RunningCall running =
        new RunningCall(
            command,
            new SessionFiles.Wish(++commands, workspaceId, command.mounts()),
            call(command.sessionId(), command.toolUseId(), workspaceId),
            new Cancellation(),
            ordered ? Optional.of(turns.enter(command.sessionId())) : Optional.empty(),
            Context.current(),
            progress.begin(command.sessionId(), command.toolUseId(), Activity.CALL_QUEUED),
            acknowledge);
    if (calls.putIfAbsent(command.toolUseId(), running) != null) {
      running.leave();
      acknowledge.run(); // A copy: the first one answers.
      return;
    }
    Runnable traced = running.trace().wrap(() -> perform(running));
    Thread.ofVirtual().name("call-" + command.toolUseId()).start(traced);
  }

  /// Stops calls and makes sure that those which did not start never will.
  public void cancel(SandboxCommand.CancelTools command, String workspaceId, Runnable acknowledge) {
    for (String toolUseId : command.toolUseIds()) {
      RunningCall running = calls.get(toolUseId);
      if (running != null && running.call().sessionId().equals(command.sessionId())) {
        running.cancellation().cancel();
      }
      left.cancel(command.sessionId(), toolUseId);
    }
    Thread.ofVirtual()
        .name("cancel-" + command.sessionId())
        .start(() -> {
          command.toolUseIds().stream()
              .filter(toolUseId -> !calls.containsKey(toolUseId))
              .forEach(toolUseId ->
                  records.refuse(
                      call(command.sessionId(), toolUseId, workspaceId),
                      ToolAnswer.canceled(CANCELED)));
          acknowledge.run();
        });
  }

  /// Opens a sandbox for a call that will probably come, unless there is too much to do.
  public void prepare(
      SandboxCommand.PrepareSandbox command, String workspaceId, Runnable acknowledge) {
    preparations.begin(command, new SessionFiles.Wish(++commands, workspaceId, command.mounts()));
    acknowledge.run(); // Whatever becomes of it, it is not wanted again.
  }

  /// Ends the session's sandbox and calls and removes what they left.
  public void delete(SandboxCommand.DeleteSandbox command, Runnable acknowledge) {
    ends.delete(command.sessionId(), acknowledge);
  }

  /// Ends the session's sandbox and calls; its files stay.
  public void end(SandboxCommand.EndSandbox command, Runnable acknowledge) {
    ends.end(command.sessionId(), acknowledge);
  }

  private List<Cancellation> callsOf(SessionId session) {
    return Stream.concat(
            calls.values().stream()
                .filter(running -> running.call().sessionId().equals(session))
                .map(RunningCall::cancellation),
            left.of(session).stream())
        .toList();
  }

  private Journal.Call call(SessionId session, String toolUseId, String workspaceId) {
    return new Journal.Call(toolUseId, session, workspaceId, owner);
  }

  private void perform(RunningCall running) {
    String toolUseId = running.call().toolUseId();
    try {
      Optional<Journal.Entry> known = records.find(toolUseId);
      if (known.isPresent()) {
        answerKnown(known.get());
      } else {
        performUnknown(running);
      }
      running.acknowledge().run();
    } catch (RuntimeException e) {
      fail(running, e);
    } finally {
      calls.remove(toolUseId, running);
      started.remove(toolUseId);
      running.leave();
      Span.current().end();
    }
  }

  /// A bug, or the end of the service. In the latter case the command is not acknowledged and comes
  /// again; the journal knows how far it got.
  private void fail(RunningCall running, RuntimeException failure) {
    boolean begun = started.contains(running.call().toolUseId());
    if (failure instanceof SandboxDetachedException) {
      left.letGo(running.call().toolUseId());
      return;
    }
    if (stopping || draining && !begun) {
      return;
    }
    counts.callFailed();
    LOG.errorf(
        failure,
        "call failed session_id=%s tool_use_id=%s",
        running.call().sessionId(),
        running.call().toolUseId());
    if (begun) {
      records.finish(
          running.call(),
          ToolAnswer.unknown("the sandbox service failed while it ran"),
          Duration.ZERO,
          () -> {});
    } else {
      records.refuse(running.call(), ToolAnswer.failed(BROKEN));
    }
    running.acknowledge().run();
  }

  private void answerKnown(Journal.Entry entry) {
    switch (entry) {
      case Journal.Entry.Finished(Journal.Call call, var result) -> records.send(call, result);
      case Journal.Entry.Started started when started.call().owner().equals(owner) ->
          left.answer(List.of(started));
      case Journal.Entry.Started _, Journal.Entry.Forgotten _ -> {
        // Another service answers, or the session is gone.
      }
    }
  }

  private void performUnknown(RunningCall running) {
    running.turn().ifPresent(turn -> turn.await(running.cancellation()));
    ToolRequest request = ToolInput.parse(running.command().name(), running.command().input());
    if (request instanceof ToolRequest.Invalid(String message)) {
      records.refuse(running.call(), ToolAnswer.failed(message));
      return;
    }
    SandboxCommand.RunTool command = running.command();
    running.progress().enter(Activity.SANDBOX_PREPARING, null);
    if (sandboxes.areLasting() && !sandboxes.lives(command.sessionId())) {
      left.answerFirst(command.sessionId(), calls.keySet(), () -> isGivenUp(running));
    }
    Sandboxes.Preparation preparation =
        sandboxes.prepare(command.sessionId(), command.environmentConfig(), running.cancellation());
    if (!runPrepared(preparation, request, running)) {
      boolean _ =
          runPrepared(
              sandboxes.prepareNew(command.environmentConfig(), running.cancellation()),
              request,
              running);
    }
  }

  /// Waits for a permit and runs; false when the sandbox that lived is gone, so that a new one has
  /// to be prepared. Packages are there before the permit is taken: others run while they are
  /// installed.
  private boolean runPrepared(
      Sandboxes.Preparation preparation, ToolRequest request, RunningCall running) {
    return switch (preparation) {
      case Sandboxes.Preparation.Refused(String reason) -> {
        counts.sandboxMissed(CallCounts.Start.COLD);
        records.refuse(running.call(), ToolAnswer.failed(reason));
        yield true;
      }
      case Sandboxes.Preparation.Canceled() -> {
        records.refuse(running.call(), ToolAnswer.canceled(CANCELED));
        yield true;
      }
      case Sandboxes.Preparation.Lives() -> runPermitted(Optional.empty(), request, running);
      case Sandboxes.Preparation.Prepared prepared -> {
        try {
          yield runPermitted(Optional.of(prepared), request, running);
        } finally {
          prepared.packages().ifPresent(InstalledPackages::close);
        }
      }
    };
  }

  private boolean runPermitted(
      Optional<Sandboxes.Preparation.Prepared> prepared, ToolRequest request, RunningCall running) {
    running.progress().enter(Activity.CALL_QUEUED, null);
    if (!permits.acquire(() -> isGivenUp(running))) {
      requireNoDrain();
      records.refuse(running.call(), ToolAnswer.canceled(CANCELED));
      return true;
    }
    try {
      sandboxes.settle(running.command().sessionId());
      running.progress().enter(Activity.SANDBOX_STARTING, null);
      long start = System.nanoTime();
      switch (sandboxes.acquire(
          running.command().sessionId(), prepared, running.reach(), () -> isGivenUp(running))) {
        case SessionSandbox.Place.Refused(String reason) -> {
          if (!isGivenUp(running)) {
            counts.sandboxMissed(CallCounts.Start.COLD);
          }
          refuse(running, reason);
        }
        case SessionSandbox.Place.Absent _, SessionSandbox.Place.Gone _ -> {
          return false;
        }
        case SessionSandbox.Place.Ready ready -> {
          CallSpan.placed(ready.opened());
          if (ready.opened()) {
            counts.sandboxStarted(
                CallCounts.Start.COLD, Duration.ofNanos(System.nanoTime() - start));
          }
          try {
            runIn(ready, request, running);
          } finally {
            ready.owner().release();
          }
        }
      }
    } catch (IOException e) {
      counts.sandboxMissed(CallCounts.Start.COLD);
      LOG.errorf(e, "sandbox could not be made session_id=%s", running.call().sessionId());
      records.refuse(
          running.call(),
          ToolAnswer.failed("The sandbox could not be made, so nothing ran. Try again later."));
    } finally {
      permits.release();
    }
    return true;
  }

  private void runIn(SessionSandbox.Place.Ready ready, ToolRequest request, RunningCall running) {
    Journal.Call call = running.call();
    SessionFiles files = ready.owner().files();
    if (files.show(running.wish(), () -> isGivenUp(running))
        instanceof Mounting.Refused(String reason)) {
      refuse(running, reason);
      return;
    }
    Optional<String> unshown = ready.owner().push();
    if (unshown.isPresent()) {
      refuse(running, unshown.get());
      return;
    }
    requireNoDrain();
    started.add(call.toolUseId());
    if (!records.start(call, ready.sandbox().incarnation())) {
      started.remove(call.toolUseId());
      records.find(call.toolUseId()).ifPresent(this::answerKnown);
      return;
    }
    running.acknowledge().run();
    Instant start = clock.instant();
    CallSpan.started();
    ready.owner().called();
    ToolAnswer given = answer(ready, request, running);
    CallSpan.ended();
    ToolAnswer answer = files.takeNotice().map(given::after).orElse(given);
    Duration took = Duration.between(start, clock.instant());
    if (request.mayChange()) {
      ready.owner().pull(Duration.ZERO);
    }
    CompletableFuture<Void> outputs = files.look(Occasion.AFTER_CALL);
    Runnable beforeSending =
        () -> {
          if (request.mayChange()) {
            files
                .save(); // Asked for before the result is sent, so that the next call waits for it.
          }
          await(outputs);
        };
    records.finish(call, answer, took, beforeSending);
    toolset.forget(ready.sandbox(), call.toolUseId());
    LOG.infof(
        "call ended session_id=%s tool_use_id=%s tool=%s outcome=%s duration_ms=%d",
        call.sessionId(),
        call.toolUseId(),
        running.command().name(),
        answer.outcome(),
        took.toMillis());
  }

  private static void await(CompletableFuture<Void> outputs) {
    outputs.copy().completeOnTimeout(null, OUTPUTS_MAX.toMillis(), TimeUnit.MILLISECONDS).join();
  }

  private ToolAnswer answer(
      SessionSandbox.Place.Ready ready, ToolRequest request, RunningCall running) {
    if (running.cancellation().isCanceled()) {
      return ToolAnswer.canceled(CANCELED);
    }
    Toolset.Call call =
        new Toolset.Call(
            running.call().toolUseId(),
            ToolInput.timeout(running.command().timeoutMs()),
            running.cancellation());
    running.progress().enter(Activity.CALL_RUNNING, call.timeout().orElse(null));
    try {
      ToolAnswer answer = toolset.run(ready.sandbox(), request, call);
      return ready.owner().endWithoutDirectory() && !running.cancellation().isCanceled()
          ? ToolAnswer.unknown("the directory of its files was removed while it ran")
          : answer;
    } catch (SandboxDetachedException e) {
      throw e;
    } catch (RuntimeException e) {
      LOG.errorf(
          e,
          "tool failed session_id=%s tool_use_id=%s",
          running.call().sessionId(),
          running.call().toolUseId());
      counts.callFailed();
      return ToolAnswer.unknown("the sandbox service failed while it ran");
    }
  }

  /// Whether what a call waits for before it starts is no longer wanted.
  private boolean isGivenUp(RunningCall running) {
    return draining || running.cancellation().isCanceled();
  }

  /// Answers a call that cannot start.
  private void refuse(RunningCall running, String reason) {
    requireNoDrain();
    records.refuse(
        running.call(),
        running.cancellation().isCanceled()
            ? ToolAnswer.canceled(CANCELED)
            : ToolAnswer.failed(reason));
  }

  /// @throws IllegalStateException when the service stops: then the command comes again
  private void requireNoDrain() {
    if (draining) {
      throw new IllegalStateException("the service stops");
    }
  }

  /// Answers what an earlier life of this service left behind: calls that were started, of which
  /// nothing lives any more, and results that were not sent. Before the first command is read.
  public void recover() {
    left.answer(
        journal.started(owner).stream()
            .filter(lost -> !calls.containsKey(lost.call().toolUseId()))
            .toList());
    resend(Duration.ZERO);
  }

  /// Answers calls of other instances that were silent for `silence`: those that were started as
  /// lost, others with their results. Should such an instance wake up, its own answer comes too
  /// late, and it tells this one.
  public void adopt(Duration silence) {
    left.lookAfter(silence);
    for (Journal.Entry entry : journal.abandoned(owner, silence)) {
      switch (entry) {
        case Journal.Entry.Started lost -> left.answer(List.of(lost));
        case Journal.Entry.Finished ended -> records.send(ended.call(), ended.result());
        case Journal.Entry.Forgotten _ -> {
          // Its session is gone.
        }
      }
    }
  }

  /// Sends results again that are not known to have arrived for `age`.
  public void resend(Duration age) {
    List<Journal.Entry.Finished> left = journal.unanswered(owner, clock.instant().minus(age));
    left.forEach(entry -> records.send(entry.call(), entry.result()));
  }

  /// No further call begins. Those that are not journalled are not acknowledged either, so they
  /// come again, here or at another instance.
  public void refuseMore() {
    draining = true;
  }

  /// Waits until all calls that began have ended and are answered, for `longest`.
  ///
  /// @return how many have not
  public int awaitAnswered(Duration longest) {
    long latest = System.nanoTime() + longest.toNanos();
    while (!started.isEmpty() && System.nanoTime() - latest < 0) {
      LockSupport.parkNanos(ANSWER_PAUSE.toNanos());
    }
    return started.size();
  }

  /// Nothing more is answered. Sandboxes are closed by who owns them.
  @Override
  public void close() {
    draining = true;
    stopping = true;
  }
}
