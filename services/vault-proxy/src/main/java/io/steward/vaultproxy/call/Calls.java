package io.steward.vaultproxy.call;

import io.opentelemetry.context.Context;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.kafka.DependencyAwayException;
import io.steward.schemas.sandbox.ToolResult;
import io.steward.schemas.sandbox.ToolResult.Outcome;
import io.steward.vaultproxy.call.PostgresCallJournal.Known;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/// Performs calls, each at most once:
///
/// 1. An unknown call waits for its turn and is journalled as started; only who wrote that row runs
///    it. Its end is journalled, then sent, and then its command is acknowledged, so a crash
///    repeats the command.
/// 2. A call that ended is answered from the journal, with the same content.
/// 3. One that runs in this process is joined. One that was started by an earlier life of this
///    process, or by an instance that is gone, is unknown. One of an instance that lives is waited
///    for: that instance ends it, or is gone one day.
///
/// A cancel of a call that did not start makes its id known as canceled, so that it never will.
/// [#run] and [#cancel] never block and are called by one thread, in the order of the commands; the
/// rest happens on virtual threads. While the database or Kafka is away, calls wait.
public final class Calls implements AutoCloseable {
  /// How long a call that ended is known: as long as its command stays on its topic.
  static final Duration KEPT = Duration.ofDays(7);

  private static final Logger LOG = Logger.getLogger(Calls.class);
  private static final Duration PAUSE = Duration.ofMillis(250);
  private static final Duration LOOK_PAUSE = Duration.ofMillis(500);
  private static final Duration LIFE_SIGN_PAUSE = Duration.ofSeconds(5);
  private static final Duration SWEEP_PAUSE = Duration.ofHours(1);
  private static final String NOT_STARTED =
      "The call was canceled before it started; nothing was sent.";

  private final PostgresCallJournal journal;
  private final Answers answers;
  private final LongTexts texts;
  private final InstantSource clock;
  private final String self;
  private final LivingInstances instances;
  private final CallTurns turns;
  private final Map<String, RunningCall> running = new HashMap<>();
  private final Map<Outcome, LongAdder> ended = new EnumMap<>(Outcome.class);
  private final ScheduledExecutorService thread =
      Executors.newScheduledThreadPool(2, Thread.ofVirtual().name("calls-", 0).factory());
  private volatile boolean stopping;

  /// @param self names this instance of the service, the same after a restart
  /// @param silence how long another instance may be silent before its calls are given up
  /// @param callsMax calls that run at once, in all; others wait
  /// @param callsPerSessionMax calls of one session that run at once; others wait
  public record Settings(String self, Duration silence, int callsMax, int callsPerSessionMax) {}

  public Calls(
      PostgresCallJournal journal,
      Answers answers,
      LongTexts texts,
      InstantSource clock,
      Settings settings) {
    this.journal = journal;
    this.answers = answers;
    this.texts = texts;
    this.clock = clock;
    this.self = settings.self();
    this.instances = new LivingInstances(journal, settings.self(), settings.silence());
    this.turns = new CallTurns(settings.callsMax(), settings.callsPerSessionMax());
    for (Outcome outcome : Outcome.values()) {
      ended.put(outcome, new LongAdder());
    }
  }

  /// Gives signs of life and sweeps from now on.
  public void start() {
    var _ =
        thread.scheduleWithFixedDelay(
            instances::round, 0, LIFE_SIGN_PAUSE.toMillis(), TimeUnit.MILLISECONDS);
    var _ =
        thread.scheduleWithFixedDelay(
            this::sweep, 0, SWEEP_PAUSE.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void sweep() {
    try {
      int removed = journal.removeOld(clock.instant().minus(KEPT));
      if (removed > 0) {
        LOG.infof("%d calls removed that ended more than %d days ago", removed, KEPT.toDays());
      }
    } catch (RuntimeException e) {
      LOG.warnf("old calls could not be swept, later again: %s", e.getMessage());
    }
  }

  /// Calls that have not been answered.
  public int open() {
    synchronized (running) {
      return running.size();
    }
  }

  /// Calls that ended like this since the start.
  public long ended(Outcome outcome) {
    return count(outcome).sum();
  }

  private LongAdder count(Outcome outcome) {
    return ended.getOrDefault(outcome, new LongAdder());
  }

  /// Performs a call, unless its id is known.
  ///
  /// @param acknowledge is called once the answer is safe
  public void run(Call call, Work work, Runnable acknowledge) {
    RunningCall fresh = new RunningCall(call);
    fresh.acknowledgeLater(acknowledge);
    synchronized (running) {
      RunningCall already = running.putIfAbsent(call.toolUseId(), fresh);
      if (already != null) {
        already.acknowledgeLater(acknowledge);
        return;
      }
    }
    Runnable traced = Context.current().wrap(() -> perform(fresh, work));
    var _ = Thread.ofVirtual().name("call-" + call.toolUseId()).start(traced);
  }

  /// Stops calls and makes sure that those which did not start never will.
  ///
  /// @param acknowledge is called once that is safe
  public void cancel(
      SessionId session, List<String> toolUseIds, String workspaceId, Runnable acknowledge) {
    Map<String, RunningCall> here = new HashMap<>();
    synchronized (running) {
      for (String toolUseId : toolUseIds) {
        RunningCall run = running.get(toolUseId);
        if (run != null && run.call().sessionId().equals(session)) {
          here.put(toolUseId, run);
        }
      }
    }
    here.values().forEach(RunningCall::cancel);
    AtomicInteger left = new AtomicInteger(here.size() + 1);
    Runnable through =
        () -> {
          if (left.decrementAndGet() == 0) {
            acknowledge.run();
          }
        };
    here.values().forEach(run -> run.acknowledgeLater(through));
    List<Call> others =
        toolUseIds.stream()
            .filter(toolUseId -> !here.containsKey(toolUseId))
            .map(toolUseId -> new Call(toolUseId, session, workspaceId))
            .toList();
    var _ =
        Thread.ofVirtual()
            .name("cancel-" + session)
            .start(() -> {
              if (refuse(others)) {
                through.run();
              }
            });
  }

  /// Makes calls that are not known canceled. False when the service stops first.
  private boolean refuse(List<Call> calls) {
    for (Call call : calls) {
      ToolResult canceled =
          CallAnswer.error(Outcome.CANCELED, NOT_STARTED).result(call, Duration.ZERO);
      Optional<Boolean> first =
          persistently(() -> journal.endUnstarted(call, self, canceled, clock.instant()));
      if (first.isEmpty() || first.get() && !deliver(call, canceled)) {
        return false;
      }
    }
    return true;
  }

  /// Ends the calls of a session and drops their results.
  ///
  /// @param acknowledge is called once that is safe
  public void forget(SessionId session, Runnable acknowledge) {
    List<RunningCall> here;
    synchronized (running) {
      here =
          running.values().stream().filter(run -> run.call().sessionId().equals(session)).toList();
    }
    here.forEach(RunningCall::forget);
    var _ =
        Thread.ofVirtual()
            .name("forget-calls-" + session)
            .start(() -> {
              Optional<Boolean> forgotten =
                  persistently(() -> {
                    journal.forget(session, clock.instant());
                    return true;
                  });
              if (forgotten.isPresent()) {
                texts.forget(session);
                acknowledge.run();
              }
            });
  }

  private void perform(RunningCall run, Work work) {
    boolean done = false;
    try {
      done = isAnswered(run, work);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.errorf(
          e,
          "command given up session_id=%s tool_use_id=%s",
          run.call().sessionId(),
          run.call().toolUseId());
      done = !stopping; // It would fail again, and hold up the commands behind it.
    } finally {
      synchronized (running) {
        running.remove(run.call().toolUseId(), run);
      }
      run.end(done);
    }
  }

  /// Whether the command is done. False when the service stops first.
  private boolean isAnswered(RunningCall run, Work work) throws InterruptedException {
    Call call = run.call();
    Optional<Optional<Known>> asked = persistently(() -> journal.find(call.toolUseId()));
    if (asked.isEmpty()) {
      return false;
    }
    if (asked.get().isPresent()) {
      return isAnsweredAsKnown(run, asked.get().get());
    }
    if (!turns.enter(call.sessionId(), () -> run.isCanceled() || stopping)) {
      return !stopping && (run.isForgotten() || refuse(List.of(call)));
    }
    try {
      Instant start = clock.instant();
      Optional<Boolean> started = persistently(() -> journal.start(call, self, start));
      if (started.isEmpty()) {
        return false;
      }
      return started.get()
          ? isPerformed(run, work, start)
          : isAnsweredAsFound(run, persistently(() -> journal.find(call.toolUseId())));
    } finally {
      turns.leave(call.sessionId());
    }
  }

  /// After a row that could not be written: somebody else's counts, or there is none because the
  /// session is gone.
  private boolean isAnsweredAsFound(RunningCall run, Optional<Optional<Known>> asked) {
    return asked.isPresent()
        && (asked.get().isEmpty() || isAnsweredAsKnown(run, asked.get().get()));
  }

  /// Runs a call that this process has started.
  private boolean isPerformed(RunningCall run, Work work, Instant start) {
    Call call = run.call();
    CallAnswer answer;
    try {
      answer = work.perform(run);
    } catch (RuntimeException e) {
      LOG.errorf(e, "call failed session_id=%s tool_use_id=%s", call.sessionId(), call.toolUseId());
      answer = CallAnswer.unknown("the service that made it failed while it ran");
    }
    Duration took = Duration.between(start, clock.instant());
    if (stopping) {
      endAtStop(call, took);
      return false;
    }
    if (run.isForgotten()) {
      return true;
    }
    return end(call, answer, took);
  }

  private boolean end(Call call, CallAnswer answer, Duration took) {
    ToolResult result = answer.result(call, took, texts.keep(call, answer.whole()).orElse(null));
    Optional<Optional<ToolResult>> counts =
        persistently(() -> journal.end(result, clock.instant()));
    if (counts.isEmpty()) {
      return false;
    }
    if (counts.get().isEmpty()) {
      return true; // The session is gone.
    }
    ToolResult first = counts.get().get();
    count(first.outcome()).increment();
    LOG.infof(
        "call ended session_id=%s tool_use_id=%s outcome=%s duration_ms=%d",
        call.sessionId(), call.toolUseId(), first.outcome(), first.durationMs());
    return deliver(call, first);
  }

  /// So that the next instance need not wait to know that this one is gone.
  private void endAtStop(Call call, Duration took) {
    CallAnswer unknown = CallAnswer.unknown("the service that made it stopped while it ran");
    try {
      var _ = journal.end(unknown.result(call, took), clock.instant());
    } catch (RuntimeException e) {
      LOG.debug("the end of a call could not be kept", e);
    }
  }

  private boolean isAnsweredAsKnown(RunningCall run, Known known) {
    Call call = run.call();
    return switch (known) {
      case Known.Ended(ToolResult result) -> deliver(call, result);
      case Known.Forgotten() -> true;
      case Known.Started started -> isAnsweredElsewhere(run, started);
    };
  }

  /// Waits until the instance that started the call has ended it, or is gone.
  private boolean isAnsweredElsewhere(RunningCall run, Known.Started started) {
    Call call = run.call();
    while (!stopping && !run.isForgotten()) {
      Optional<Boolean> gone = persistently(() -> instances.isGone(started.instance()));
      if (gone.orElse(false)) {
        LOG.warnf(
            "call lost with its instance session_id=%s tool_use_id=%s instance=%s",
            call.sessionId(), call.toolUseId(), started.instance());
        return end(
            call,
            CallAnswer.unknown("the service that made it ended before it could report"),
            Duration.between(started.at(), clock.instant()));
      }
      LockSupport.parkNanos(LOOK_PAUSE.toNanos());
      Optional<Optional<Known>> now = persistently(() -> journal.find(call.toolUseId()));
      if (now.isPresent() && !(now.get().orElse(null) instanceof Known.Started)) {
        return isAnsweredAsFound(run, now);
      }
    }
    return !stopping;
  }

  private boolean deliver(Call call, ToolResult result) {
    while (!stopping) {
      if (answers.send(call.workspaceId(), result)) {
        return true;
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
    return false;
  }

  /// What the database says, however long it takes; empty when the service stops.
  private <T> Optional<T> persistently(Supplier<T> question) {
    while (!stopping) {
      try {
        return Optional.of(question.get());
      } catch (DependencyAwayException e) {
        LOG.warnf("the database does not answer, trying again: %s", e.getCause());
        LockSupport.parkNanos(PAUSE.toNanos());
      }
    }
    return Optional.empty();
  }

  /// Ends all calls. Their commands are not acknowledged.
  @Override
  public void close() {
    stopping = true;
    List<RunningCall> all;
    synchronized (running) {
      all = List.copyOf(running.values());
    }
    all.forEach(RunningCall::cancel);
    thread.shutdownNow();
  }
}
