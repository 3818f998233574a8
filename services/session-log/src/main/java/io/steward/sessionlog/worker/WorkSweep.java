package io.steward.sessionlog.worker;

import io.quarkus.runtime.StartupEvent;
import io.steward.sessionlog.SessionLogMetrics;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;

/// Brings back work whose worker went silent, ends stops nobody confirmed, and forgets what is of
/// no use any more. Every replica does; rows one of them has are left to it.
@Singleton
class WorkSweep {
  private static final Logger LOG = Logger.getLogger(WorkSweep.class);

  /// How often this is done: how late a lost lease may be noticed.
  static final Duration INTERVAL = Duration.ofSeconds(1);

  /// How long a stopped item that has a successor stays.
  static final Duration STOPPED_KEPT = Duration.ofDays(30);

  private static final double MILLIS_PER_SECOND = 1_000;
  private static final int DUE_MAX = 200;
  private static final int FORGET_EVERY = 60;

  private final PostgresWork store;
  private final WorkQueue queue;
  private final SessionLogMetrics metrics;
  private final AtomicInteger depth = new AtomicInteger();
  private volatile double oldestSeconds;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().name("work-sweep").factory());
  private int rounds;
  private boolean failing;

  WorkSweep(PostgresWork store, WorkQueue queue, SessionLogMetrics metrics) {
    this.store = store;
    this.queue = queue;
    this.metrics = metrics;
    metrics.show("work.queue.depth", "Work no worker has acknowledged", depth, AtomicInteger::get);
    metrics.show(
        "work.queue.oldest.seconds",
        "How long the oldest work no worker has acknowledged waits, 0 without any",
        this,
        sweep -> sweep.oldestSeconds);
  }

  void start(@Observes StartupEvent event) {
    var _ =
        thread.scheduleWithFixedDelay(
            this::round, INTERVAL.toMillis(), INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
  }

  @PreDestroy
  void stop() {
    thread.shutdownNow();
  }

  private void round() {
    try {
      sweep();
      failing = false;
    } catch (RuntimeException e) {
      if (!failing) { // Once for an outage, not each second.
        LOG.warnf("Work cannot be swept for now: %s", e.getMessage());
      }
      failing = true;
    }
  }

  /// One round.
  void sweep() {
    Instant now = queue.now();
    PostgresWork.Due due = store.due(now, DUE_MAX);
    due.environments().forEach(queue::wake);
    if (due.leasesLost() > 0) {
      LOG.infof("%d work items come back, their workers went silent", due.leasesLost());
      metrics.leasesLost(due.leasesLost());
    }
    depth.set(store.depth());
    oldestSeconds =
        store
            .oldestQueuedAt()
            .map(since -> Math.max(0, Duration.between(since, now).toMillis()) / MILLIS_PER_SECOND)
            .orElse(0.0);
    if (rounds++ % FORGET_EVERY == 0) {
      store.forget(now.minus(WorkQueue.POLLING), now.minus(STOPPED_KEPT));
    }
  }
}
