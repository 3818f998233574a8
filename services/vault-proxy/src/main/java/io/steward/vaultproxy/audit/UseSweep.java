package io.steward.vaultproxy.audit;

import io.steward.schemas.vault.AuditRetention;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/// Removes uses from the table that are older than the operator wants. Every instance sweeps. One
/// that is not published stays until it is.
public final class UseSweep implements AutoCloseable {
  /// Uses that are removed in one transaction.
  static final int ROWS_MAX = 10_000;

  private static final Logger LOG = Logger.getLogger(UseSweep.class);
  private static final Duration INTERVAL = Duration.ofHours(1);

  private final PostgresUses table;
  private final AuditRetention retention;
  private final InstantSource clock;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().name("use-sweep").factory());

  public UseSweep(PostgresUses table, AuditRetention retention, InstantSource clock) {
    this.table = table;
    this.retention = retention;
    this.clock = clock;
  }

  /// Sweeps from now on, the first time at once.
  public void start() {
    var _ =
        thread.scheduleWithFixedDelay(this::round, 0, INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void round() {
    try {
      long removed = sweep();
      if (removed > 0) {
        LOG.infof("%d uses of credentials removed that were old enough", removed);
      }
    } catch (RuntimeException e) {
      LOG.warnf("uses of credentials could not be swept, later again: %s", e.getMessage());
    }
  }

  /// One round.
  ///
  /// @return how many were removed
  long sweep() {
    return retention.cutoff(clock.instant()).map(this::forgetBefore).orElse(0L);
  }

  private long forgetBefore(Instant cutoff) {
    long all = 0;
    int removed;
    do {
      removed = table.forgetBefore(cutoff, ROWS_MAX);
      all += removed;
    } while (removed == ROWS_MAX && !thread.isShutdown());
    return all;
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
