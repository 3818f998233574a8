package io.steward.harness.partition;

import io.steward.harness.log.Reading;
import io.steward.harness.log.RecordReader;
import io.steward.harness.log.TransactionalWriter;
import io.steward.harness.log.WriteResult;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import io.steward.schemas.record.LoggedRecord;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.session.Session;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
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
  private volatile boolean active;
  private volatile boolean stopped;

  public PartitionLoop(
      int partition,
      RecordReader reader,
      LoopSettings settings,
      Surroundings surroundings,
      StepPerformer performer,
      ModelCalls calls) {
    this.partition = partition;
    this.reader = reader;
    this.settings = settings;
    this.surroundings = surroundings;
    this.cache = new SessionCache(settings.cacheBytesMax(), performer::rests);
    this.outbox = new Outbox(partition, settings, results, this::deliver);
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
  }

  /// Ends the loop soon; model calls are cut and an open transaction is aborted.
  public void stop() {
    stopped = true;
    active = false;
    deliver(new Mail.Stop());
  }

  @Override
  public void run() {
    List<Mail> mail = new ArrayList<>();
    while (!stopped) {
      try {
        // Timers are only taken while active: a due one must not turn the wait into a spin.
        Duration wait = active ? timers.untilNext(settings.clock().instant()) : Timers.NOTHING_DUE;
        Mail first = inbox.poll(wait.toNanos(), TimeUnit.NANOSECONDS);
        if (first != null) {
          mail.add(first);
          inbox.drainTo(mail, MAIL_AT_ONCE);
        }
        mail.forEach(this::take);
        if (active) {
          timers.due(settings.clock().instant()).stream()
              .map(cache::find)
              .filter(owned -> owned != null)
              .forEach(changed::add);
          decide();
          outbox.flush(position);
          cache.trim();
        }
      } catch (InterruptedException _) {
        stopped = true;
      } catch (RuntimeException e) {
        LOG.errorf(e, "The loop met an unexpected error partition=%d", partition);
      }
      mail.clear();
    }
    cache.all().forEach(OwnedSession::cancelCall);
    outbox.close();
    inbox.stream()
        .filter(Mail.TakenOver.class::isInstance)
        .forEach(late -> ((Mail.TakenOver) late).writer().close(Duration.ZERO));
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
      case Mail.Woken(SessionId id, Session session) -> woken(id, session);
      case Mail.Answered answered -> answered(answered);
      case Mail.Written(List<ReadyStep> steps, WriteResult result) -> written(steps, result);
      case Mail.Stop _ -> stopped = true;
    }
  }

  private void takeOver(Mail.TakenOver taken) {
    outbox.open(taken.writer());
    results.start(taken.resultsPosition());
    for (Session session : taken.unfinished()) {
      SessionId id = idOf(session);
      if (id != null) {
        OwnedSession owned = cache.add(id);
        owned.seed(session, Json.bytes(session).length);
        changed.add(owned);
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
      case Reading.Unreadable(SessionId id, long offset, String reason) -> {
        OwnedSession owned = cache.find(id);
        if (owned != null) {
          owned.setAside(offset, reason);
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
    owned.fold(record, logged.bytes());
    changed.add(owned);
  }

  private void woken(SessionId id, Session session) {
    OwnedSession owned = cache.find(id);
    if (owned == null || !owned.isAsleep()) {
      return;
    }
    owned.wake(session);
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
    ModelCall call = owned == null ? null : owned.call();
    if (owned != null && call != null && call.spanId().equals(answered.spanId())) {
      call.answered(answered.outcome());
      changed.add(owned);
    }
  }

  private void decide() {
    for (OwnedSession owned : changed) {
      if (owned.isAbandoned()) {
        owned.forgetArrivals(results::settled);
      }
      if (!owned.isFree()) {
        continue; // Its read-back will bring it here again.
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
    changed.clear();
  }

  private void written(List<ReadyStep> steps, WriteResult result) {
    outbox.written();
    switch (result) {
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
        steps.forEach(step -> refused(step, permanent, steps.size() > 1));
      }
      case WriteResult.Lost(RuntimeException cause) -> {
        LOG.warnf("The writer was lost partition=%d: %s", partition, cause);
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
    ModelCall call = owned.call();
    if (call != null && call.spanId().equals(step.decision().spanId())) {
      owned.cancelCall();
    }
    int refusals = owned.refused();
    if (inCompany) {
      owned.writeAlone();
    } else if (permanent && refusals >= settings.refusalsMax()) {
      LOG.errorf("A session's records are refused, it is set aside session_id=%s", owned.id());
      owned.abandon();
      owned.forgetArrivals(results::settled);
      return;
    }
    Instant again = settings.clock().instant().plus(settings.refusalDelay().multipliedBy(refusals));
    timers.add(again, owned.id());
  }
}
