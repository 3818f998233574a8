package io.steward.vaultproxy.outbox;

import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/// Publishes vaults that changed, on a thread of its own: at the start what a former process left,
/// then whenever somebody waits for it, and now and then what other instances left. All instances
/// have one; they take turns.
public final class OutboxRelay implements AutoCloseable {
  /// How many vaults are published in one turn.
  static final int ROWS_MAX = 100;

  private static final Logger LOG = Logger.getLogger(OutboxRelay.class);
  private static final Duration LOOK = Duration.ofSeconds(5);
  private static final Duration RETRY = Duration.ofMillis(500);
  private static final Duration CLOSE_MAX = Duration.ofSeconds(1);

  private final PostgresOutbox outbox;
  private final VaultTopic topic;
  private final Duration waitMax;
  private final Semaphore work = new Semaphore(1);
  private final CountDownLatch stopping = new CountDownLatch(1);
  // Who waits for which vault; one for each request under way at most.
  private final Map<CompletableFuture<Void>, String> waiters = new ConcurrentHashMap<>();
  private final Thread thread =
      Thread.ofPlatform().daemon().name("vault-outbox").unstarted(this::run);
  private volatile boolean caughtUp;
  private volatile boolean failing;
  private volatile int unpublished;

  /// @param waitMax how long [#awaitPublished] waits
  public OutboxRelay(PostgresOutbox outbox, VaultTopic topic, Duration waitMax) {
    this.outbox = outbox;
    this.topic = topic;
    this.waitMax = waitMax;
  }

  public void start() {
    thread.start();
  }

  /// Whether everything a former process left was published.
  public boolean isCaughtUp() {
    return caughtUp && thread.isAlive();
  }

  /// Whether the last turn failed.
  public boolean isFailing() {
    return failing;
  }

  /// Vaults of the last turn that could not be published.
  public int unpublished() {
    return unpublished;
  }

  /// Returns when others can read what was committed of a vault before this was called.
  ///
  /// @throws ApiException 503 when that takes too long; the change stays, and is published later
  public void awaitPublished(String vaultId) {
    CompletableFuture<Void> waiter = new CompletableFuture<>();
    waiters.put(waiter, vaultId);
    work.release();
    try {
      waiter.get(waitMax.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ApiException(ApiError.unavailable("The service is stopping; try again."));
    } catch (TimeoutException | ExecutionException e) {
      throw new ApiException(
          ApiError.unavailable(
              "The change is stored, but the other services cannot be told of it now; try again"
                  + " soon."));
    } finally {
      waiters.remove(waiter);
    }
  }

  @Override
  public void close() {
    stopping.countDown();
    work.release();
    if (thread.getState() == Thread.State.NEW) {
      return;
    }
    try {
      boolean _ = thread.join(CLOSE_MAX);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      while (stopping.getCount() > 0) {
        say(publishAll());
        if (failing) {
          boolean _ = stopping.await(RETRY.toMillis(), TimeUnit.MILLISECONDS);
        } else if (work.tryAcquire(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
          work.drainPermits();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// @return what went wrong, or an empty text
  private String publishAll() {
    try {
      PostgresOutbox.Drained drained;
      do {
        Map<CompletableFuture<Void>, String> waiting = Map.copyOf(waiters);
        drained = outbox.drain(ROWS_MAX, topic);
        unpublished = drained.left();
        release(waiting, drained);
      } while (drained.left() == 0 && drained.found() == ROWS_MAX);
      return drained.left() == 0 ? "" : "Kafka does not take them";
    } catch (RuntimeException | OutOfMemoryError e) { // Nobody would start this thread again.
      return e + (e.getCause() == null ? "" : ": " + e.getCause().getMessage());
    }
  }

  /// Those who wait were there before the turn began. What they wait for was published in it, or
  /// before it, by another instance too, if nothing is left.
  private void release(
      Map<CompletableFuture<Void>, String> waiting, PostgresOutbox.Drained drained) {
    boolean nothingLeft = drained.left() == 0 && drained.found() < ROWS_MAX;
    if (nothingLeft) {
      caughtUp = true;
    }
    Set<String> published =
        drained.published().stream().map(OutboxRow::vaultId).collect(Collectors.toSet());
    waiting.forEach((waiter, vaultId) -> {
      if (nothingLeft || published.contains(vaultId)) {
        waiter.complete(null);
      }
    });
  }

  private void say(String failure) {
    boolean fails = !failure.isEmpty();
    if (fails && !failing) {
      LOG.warnf("vaults cannot be published, trying again: %s", failure);
    } else if (!fails && failing) {
      LOG.info("vaults are published again");
    }
    failing = fails;
  }
}
