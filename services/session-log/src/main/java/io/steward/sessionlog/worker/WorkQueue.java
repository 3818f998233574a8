package io.steward.sessionlog.worker;

import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.StartupEvent;
import io.steward.schemas.id.Ids;
import io.steward.sessionlog.SessionLogConfig;
import io.steward.sessionlog.SessionLogMetrics;
import io.steward.sessionlog.http.Credential;
import io.steward.sessionlog.project.Sessions;
import io.steward.sessionlog.work.WorkItem;
import io.steward.sessionlog.work.WorkItem.Outcome;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/// What workers get from the queues of environments. A poll that waits is woken by the projection,
/// which reads on every replica what is put into a queue; what comes into one in another way (a
/// lost lease, a worker's end) on another replica, a poll finds when its time is over.
@Singleton
class WorkQueue {
  /// How long after a poll its worker counts as polling.
  static final Duration POLLING = Duration.ofSeconds(30);

  /// How many workers of an environment are counted.
  static final int WORKERS_MAX = 1_000;

  private static final Duration NOTED_EVERY = Duration.ofSeconds(5);

  /// Above it, what was noted is forgotten, and noted again.
  private static final int NOTED_MAX = 10_000;

  private final PostgresWork store;
  private final InstantSource clock;
  private final WaitingPolls waiting;
  private final Map<String, Instant> noted = new ConcurrentHashMap<>();
  private volatile boolean leaving;

  @Inject
  WorkQueue(
      PostgresWork store, InstantSource clock, SessionLogMetrics metrics, SessionLogConfig config) {
    this.store = store;
    this.clock = clock;
    this.waiting = new WaitingPolls(config.sessionLog().workPollsMax());
    metrics.show("work.polls.waiting", "Polls for work that wait", waiting, WaitingPolls::count);
  }

  void start(@Observes StartupEvent event, Sessions sessions) {
    sessions.onWork(this::wake);
  }

  /// This replica is no longer ready: polls wait no more.
  void leave(@Observes ShutdownDelayInitiatedEvent event) {
    leaving = true;
  }

  /// An item that goes to a worker, with the token that opens it.
  record HandedOut(WorkItem item, Credential token) {}

  /// The time, as the database keeps it.
  Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MICROS);
  }

  /// Takes the oldest item, or waits for one. When too many polls wait, this one does not.
  ///
  /// @param worker what it calls itself, or null
  /// @param block how long it may wait
  /// @param reclaimAfter how long other polls may have had an item without acknowledging it
  Optional<HandedOut> poll(
      String environment, @Nullable String worker, Duration block, Duration reclaimAfter) {
    if (worker != null && !worker.isBlank()) {
      note(environment, worker);
    }
    long deadline = System.nanoTime() + block.toNanos();
    Optional<WaitingPolls.Waiter> place =
        block.isZero() || leaving ? Optional.empty() : waiting.enter(environment);
    if (place.isEmpty()) {
      return take(environment, reclaimAfter);
    }
    try (WaitingPolls.Waiter waiter = place.get()) {
      boolean more = true;
      while (true) {
        Optional<HandedOut> found = take(environment, reclaimAfter);
        if (found.isPresent() || !more) {
          return found;
        }
        more = waiter.await(deadline - System.nanoTime());
      }
    }
  }

  /// Changes an item.
  ///
  /// @return empty when there is no such item
  Optional<Outcome> change(
      String environment, String id, BiFunction<WorkItem, Instant, Outcome> decide) {
    Instant now = now();
    return store
        .change(environment, id, now, item -> decide.apply(item, now))
        .map(changed -> {
          if (changed.queued()) {
            wake(environment);
          }
          return changed.outcome();
        });
  }

  /// Something came into the queue of an environment.
  void wake(String environment) {
    waiting.wake(environment);
  }

  /// Figures of a queue.
  QueueStats stats(String environment) {
    return store.stats(environment, now().minus(POLLING));
  }

  private Optional<HandedOut> take(String environment, Duration reclaimAfter) {
    Credential token = Credential.freshToken();
    return store
        .handOut(environment, now(), reclaimAfter, token.sha256())
        .map(item -> new HandedOut(item, token));
  }

  private void note(String environment, String worker) {
    String name = Ids.derived("worker_", worker);
    Instant now = now();
    Instant last = noted.get(environment + "/" + name);
    if (last != null && now.isBefore(last.plus(NOTED_EVERY))) {
      return;
    }
    if (noted.size() >= NOTED_MAX) {
      noted.clear();
    }
    noted.put(environment + "/" + name, now);
    store.polled(environment, name, now, WORKERS_MAX);
  }
}
