package io.steward.harness.partition;

import io.steward.harness.log.FoldedSession;
import io.steward.harness.log.Reading;
import io.steward.harness.log.RecordReader;
import io.steward.harness.log.TransactionalWriter;
import io.steward.harness.log.WriteResult;
import io.steward.harness.metric.Metrics;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.record.LoggedRecord;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.sandbox.ToolResult;
import io.steward.schemas.session.Phase;
import io.steward.schemas.session.Session;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// The loop of one partition that is ours: takes in what comes, then decides for every session that
/// something came for.
///
/// ```
/// waiting ── TakenOver ──▶ catching up ── position ≥ stable offset ──▶ active
///                              ▲                                        │
///                              └────────────── Reopened ── write lost ──┘
/// ```
public final class PartitionLoop implements Runnable {
  private static final Logger LOG = Logger.getLogger(PartitionLoop.class);
  private static final int MAIL_AT_ONCE = 256;

  private final int partition;
  private final RecordReader reader;
  private final LoopSettings settings;
  private final Surroundings surroundings;
  private final SessionCache cache;
  private final ResultsCursor results = new ResultsCursor();
  private final Timers timers = new Timers();
  private final Outbox outbox;
  private final StepDesk desk;

  /// Bounded by what may be under way: the backlog of records, one entry per call and transaction.
  private final LinkedBlockingQueue<Mail> inbox = new LinkedBlockingQueue<>();

  private final AtomicInteger backlog = new AtomicInteger();
  private final Set<OwnedSession> changed = new LinkedHashSet<>();
  private long position;
  private long activeFrom = Long.MAX_VALUE;
  private boolean draining;
  private boolean ended;
  private @Nullable Thread runner;
  private volatile boolean active;
  private volatile boolean drained;
  private volatile boolean stopped;

  public PartitionLoop(
      int partition,
      RecordReader reader,
      LoopSettings settings,
      Surroundings surroundings,
      StepPerformer performer,
      ModelCalls calls) {
    this(partition, reader, settings, surroundings, performer, calls, Thread.ofVirtual().factory());
  }

  /// @param writers makes the threads that write transactions
  public PartitionLoop(
      int partition,
      RecordReader reader,
      LoopSettings settings,
      Surroundings surroundings,
      StepPerformer performer,
      ModelCalls calls,
      ThreadFactory writers) {
    this.partition = partition;
    this.reader = reader;
    this.settings = settings;
    this.surroundings = surroundings;
    this.cache = new SessionCache(settings.cacheBytesMax(), performer::rests, settings::watch);
    this.outbox = new Outbox(partition, settings, results, this::deliver, writers);
    this.desk = new StepDesk(performer, calls, settings, this::deliver);
  }

  /// The number of the partition.
  public int partition() {
    return partition;
  }

  /// Whether everything that was taken over is being worked on.
  public boolean isActive() {
    return active;
  }

  /// Whether the partition has gone.
  public boolean isStopped() {
    return stopped;
  }

  /// Whether nothing is under way that would be lost with this instance; only after [#drain()].
  public boolean isDrained() {
    return drained;
  }

  /// Records that wait for this loop.
  public int backlog() {
    return backlog.get();
  }

  /// Whether its partitions should be read no further for now.
  public boolean isFull() {
    return backlog.get() > settings.backlogMax();
  }

  /// Never blocks.
  public void deliver(Mail mail) {
    if (mail instanceof Mail.Events events) {
      backlog.addAndGet(events.records().size());
    } else if (mail instanceof Mail.Results more) {
      backlog.addAndGet(more.records().size());
    }
    inbox.add(mail);
    closeLateWriters();
  }

  /// Asks no model any more. What is being asked goes on, and its outcome is written.
  public void drain() {
    deliver(new Mail.Drain());
  }

  /// Ends the loop soon; model calls are cut and an open transaction is aborted.
  public void stop() {
    stopped = true;
    active = false;
    deliver(new Mail.Stop());
    interrupt();
  }

  /// It may wait for a blob store.
  private synchronized void interrupt() {
    if (runner != null) {
      runner.interrupt();
    }
  }

  private synchronized void runs(@Nullable Thread thread) {
    runner = thread;
  }

  @Override
  public void run() {
    runs(Thread.currentThread());
    while (!stopped) {
      try {
        // Timers are only taken while active: a due one must not turn the wait into a spin.
        Duration wait = active ? timers.untilNext(settings.clock().instant()) : Timers.NOTHING_DUE;
        turn(inbox.poll(wait.toNanos(), TimeUnit.NANOSECONDS));
      } catch (InterruptedException _) {
        stopped = true;
      } catch (RuntimeException e) {
        LOG.errorf(e, "The loop met an unexpected error partition=%d", partition);
      }
    }
    runs(null);
    end();
  }

  /// One round: takes in what has come and acts on it, without waiting. One thread at a time.
  ///
  /// @param first what was taken from the inbox before, or null
  public void turn(@Nullable Mail first) {
    List<Mail> mail = new ArrayList<>();
    if (first != null) {
      mail.add(first);
    }
    inbox.drainTo(mail, MAIL_AT_ONCE);
    mail.forEach(this::takeAlone);
    if (active) {
      timers.due(settings.clock().instant()).stream()
          .map(cache::find)
          .filter(owned -> owned != null)
          .forEach(changed::add);
      decide();
      outbox.flush(position);
      cache.trim();
    }
    drained = draining && outbox.isIdle() && cache.all().stream().noneMatch(OwnedSession::isBusy);
  }

  /// Gives up what is under way, once the loop has stopped.
  public void end() {
    cache.all().forEach(OwnedSession::leave);
    outbox.close();
    ended();
    closeLateWriters();
  }

  private synchronized void ended() {
    ended = true;
  }

  /// Writers that come after the end are nobody's.
  private void closeLateWriters() {
    synchronized (this) {
      if (!ended) {
        return;
      }
    }
    for (Mail late = inbox.poll(); late != null; late = inbox.poll()) {
      switch (late) {
        case Mail.TakenOver taken -> taken.writer().close(Duration.ZERO);
        case Mail.Reopened reopened -> reopened.writer().close(Duration.ZERO);
        default -> {}
      }
    }
  }

  /// What goes wrong with one message does not cost the others.
  private void takeAlone(Mail mail) {
    try {
      take(mail);
    } catch (RuntimeException e) {
      LOG.errorf(
          e,
          "A message could not be taken in partition=%d kind=%s",
          partition,
          mail.getClass().getSimpleName());
    }
  }

  private void take(Mail mail) {
    switch (mail) {
      case Mail.Events(List<ConsumerRecord<String, byte[]>> records, long next) -> {
        records.forEach(this::event);
        backlog.addAndGet(-records.size());
        position = Math.max(position, next);
        activateWhenCaughtUp();
      }
      case Mail.Results(List<ConsumerRecord<String, byte[]>> records, long next) -> {
        records.forEach(this::result);
        backlog.addAndGet(-records.size());
        results.readUpTo(next);
      }
      case Mail.TakenOver taken -> takeOver(taken);
      case Mail.Reopened(TransactionalWriter writer, long stableOffset) -> {
        outbox.open(writer);
        activeFrom = stableOffset;
        activateWhenCaughtUp();
      }
      case Mail.Woken(SessionId id, FoldedSession session) -> woken(id, session);
      case Mail.Answered answered -> answered(answered);
      case Mail.Searched(ToolResult result) -> searched(result);
      case Mail.Written written -> written(written);
      case Mail.Drain _ -> {
        draining = true;
        desk.askNoMore();
      }
      case Mail.Stop _ -> stopped = true;
    }
  }

  private void takeOver(Mail.TakenOver taken) {
    outbox.open(taken.writer());
    results.start(taken.resultsPosition());
    for (FoldedSession unfinished : taken.unfinished()) {
      Session session = unfinished.session();
      SessionId id = idOf(session);
      if (id != null) {
        OwnedSession owned = cache.add(id);
        owned.seed(unfinished);
        changed.add(owned);
        if (session instanceof Session.Running running
            && running.phase() instanceof Phase.ModelRequested) {
          settings.metrics().modelCallRepeated();
        }
      }
    }
    position = taken.stableOffset();
    activeFrom = taken.stableOffset();
    activateWhenCaughtUp();
  }

  private void activateWhenCaughtUp() {
    if (!active && !stopped && position >= activeFrom) {
      activeFrom = Long.MAX_VALUE;
      active = true;
      changed.addAll(cache.all());
    }
  }

  private static @Nullable SessionId idOf(Session session) {
    return session instanceof Session.Deleted deleted
        ? deleted.id()
        : session.known().map(facts -> facts.id()).orElse(null);
  }

  private void event(ConsumerRecord<String, byte[]> record) {
    switch (reader.event(record)) {
      case Reading.Logged logged -> fold(logged);
      case Reading.Unreadable unreadable -> {
        SessionId id = unreadable.sessionId();
        OwnedSession owned = cache.find(id);
        if (owned != null && owned.isAsleep()) {
          owned.hold(unreadable);
        } else if (owned != null) {
          owned.setAside(unreadable.offset(), unreadable.reason());
          noticeSetAside(owned);
          changed.add(owned);
        }
      }
      case Reading.Nothing _ -> {}
    }
  }

  private void fold(Reading.Logged logged) {
    LoggedRecord record = logged.record();
    OwnedSession owned = cache.find(record.sessionId());
    if (owned == null) {
      owned = cache.add(record.sessionId());
      if (!(record.body() instanceof SessionRecord.Created)) {
        owned.sleep();
        surroundings.wake(this, record.sessionId(), record.offset());
      }
    }
    if (owned.isAsleep()) {
      owned.hold(logged);
      return;
    }
    boolean wasSetAside = owned.session() instanceof Session.SetAside;
    owned.fold(record, logged.bytes());
    if (!wasSetAside) {
      noticeSetAside(owned);
    }
    changed.add(owned);
  }

  private void noticeSetAside(OwnedSession owned) {
    if (owned.session() instanceof Session.SetAside aside) {
      LOG.errorf("A session is set aside session_id=%s: %s", owned.id(), aside.reason());
      settings.metrics().sessionSetAside(Metrics.Cause.RECORD);
    }
  }

  private void woken(SessionId id, FoldedSession woken) {
    OwnedSession owned = cache.find(id);
    if (owned == null || !owned.isAsleep()) {
      return;
    }
    owned.wake(woken);
    if (!(woken.session() instanceof Session.SetAside)) {
      noticeSetAside(owned);
    }
    if (owned.session() instanceof Session.Absent) {
      cache.remove(id);
    } else {
      changed.add(owned);
    }
  }

  private void result(ConsumerRecord<String, byte[]> record) {
    Optional<RecordReader.Answer> answer = reader.answer(record);
    OwnedSession owned = answer.map(value -> cache.find(value.sessionId())).orElse(null);
    if (answer.isEmpty() || owned == null || owned.isAbandoned()) {
      return; // A session that awaits an answer is always in the cache.
    }
    if (answer.get() instanceof RecordReader.Answer.Lost) {
      owned.lostAnswer();
      changed.add(owned);
      return;
    }
    results.received(record.offset());
    owned.arrived(new Arrival(record.offset(), answer.get()));
    changed.add(owned);
  }

  private void answered(Mail.Answered answered) {
    OwnedSession owned = cache.find(answered.id());
    if (owned != null && owned.answered(answered)) {
      changed.add(owned);
    }
  }

  private void searched(ToolResult result) {
    OwnedSession owned = cache.find(result.sessionId());
    if (owned != null && !owned.isAbandoned()) {
      owned.arrived(new Arrival(Arrival.OURS, new RecordReader.Answer.Tool(result)));
      changed.add(owned);
    }
  }

  private void decide() {
    for (OwnedSession owned : changed) {
      try {
        decide(owned);
      } catch (RuntimeException e) {
        LOG.errorf(e, "Deciding failed, the session is set aside session_id=%s", owned.id());
        setAside(owned, Metrics.Cause.STEP);
      }
    }
    changed.clear();
  }

  private void decide(OwnedSession owned) {
    if (owned.isAbandoned()) {
      owned.forgetArrivals(results::settled);
    }
    if (!owned.isFree() || (draining && !owned.isBusy())) {
      return; // Its read-back will bring it here again, or its next owner does what is left.
    }
    owned.dropArrivals(results::settled);
    desk.decide(owned, surroundings.membership())
        .ifPresent(work -> {
          switch (work) {
            case StepDesk.Write(ReadyStep step) -> outbox.add(step);
            case StepDesk.Later(Instant time) -> timers.add(time, owned.id());
          }
        });
  }

  /// Nothing more is done for it by this owner.
  private void setAside(OwnedSession owned, Metrics.Cause cause) {
    settings.metrics().sessionSetAside(cause);
    owned.abandon();
    owned.forgetArrivals(results::settled);
  }

  private void written(Mail.Written transaction) {
    outbox.written(transaction);
    List<ReadyStep> steps = transaction.steps();
    switch (transaction.result()) {
      case WriteResult.Committed committed ->
          steps.forEach(step -> {
            OwnedSession owned = step.owned();
            owned.committed(committed.lastOffsets().getOrDefault(owned.id(), -1L));
            owned.commanded().committed(step.decision());
            results.settled(step.resultOffsets());
            changed.add(owned);
          });
      case WriteResult.Refused(RuntimeException cause, boolean permanent) -> {
        LOG.infof("A transaction was refused partition=%d: %s", partition, cause);
        settings.metrics().commitFailed(Metrics.Failure.REFUSED);
        steps.forEach(step -> refused(step, permanent, steps.size() > 1));
      }
      case WriteResult.Lost(RuntimeException cause) -> {
        LOG.warnf("The writer was lost partition=%d: %s", partition, cause);
        settings.metrics().commitFailed(Metrics.Failure.LOST);
        active = false;
        outbox.close();
        steps.forEach(step -> refused(step, false, false));
        outbox.clear().forEach(step -> refused(step, false, false));
        surroundings.reopen(this);
      }
    }
  }

  /// The step is as if it had never been decided.
  private void refused(ReadyStep step, boolean permanent, boolean inCompany) {
    OwnedSession owned = step.owned();
    String opened = step.decision().spanId();
    if (owned.asks(opened)) {
      settings.metrics().modelCallRepeated();
    }
    int refusals = owned.refused(opened);
    if (inCompany) {
      owned.writeAlone();
    } else if (permanent && refusals >= settings.refusalsMax()) {
      LOG.errorf("A session's records are refused, it is set aside session_id=%s", owned.id());
      setAside(owned, Metrics.Cause.REFUSED);
      return;
    }
    Instant again = settings.clock().instant().plus(settings.refusalDelay().multipliedBy(refusals));
    timers.add(again, owned.id());
  }
}
