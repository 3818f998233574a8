package io.steward.vaultproxy.audit;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/// Publishes uses that are in the table, on a thread of its own: soon after they were written, and
/// now and then what other instances left. At least once; a use that comes again has the same id.
public final class AuditRelay implements AutoCloseable {
  /// How many uses are published in one turn.
  public static final int ROWS_MAX = 500;

  private static final Logger LOG = Logger.getLogger(AuditRelay.class);
  private static final Duration LOOK = Duration.ofSeconds(5);
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final Duration CLOSE_MAX = Duration.ofSeconds(1);

  private final PostgresUses table;
  private final AuditTopic topic;
  private final Semaphore work = new Semaphore(1);
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final Thread thread =
      Thread.ofPlatform().daemon().name("vault-audit").unstarted(this::run);
  private volatile boolean failing;

  public AuditRelay(PostgresUses table, AuditTopic topic) {
    this.table = table;
    this.topic = topic;
  }

  public void start() {
    thread.start();
  }

  /// There is something to publish. Never waits.
  public void wake() {
    work.release();
  }

  /// Whether the last turn failed.
  public boolean isFailing() {
    return failing;
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
      PostgresUses.Turn turn;
      do {
        turn = table.publish(ROWS_MAX, topic);
      } while (turn.published() == ROWS_MAX && stopping.getCount() > 0);
      return turn.published() == turn.found() ? "" : "Kafka does not take them";
    } catch (RuntimeException | OutOfMemoryError e) { // Nobody would start this thread again.
      return e + (e.getCause() == null ? "" : ": " + e.getCause().getMessage());
    }
  }

  private void say(String failure) {
    boolean fails = !failure.isEmpty();
    if (fails && !failing) {
      LOG.warnf("uses of credentials cannot be published, trying again: %s", failure);
    } else if (!fails && failing) {
      LOG.info("uses of credentials are published again");
    }
    failing = fails;
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
}
