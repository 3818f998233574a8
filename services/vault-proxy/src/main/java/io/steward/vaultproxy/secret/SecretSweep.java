package io.steward.vaultproxy.secret;

import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/// Removes secrets that no clone has used for long: those that a newer one has replaced, and those
/// of sessions that never came to be. Nobody tells this service of either. Every instance sweeps.
public final class SecretSweep implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(SecretSweep.class);
  private static final Duration INTERVAL = Duration.ofHours(1);

  private final PostgresSecrets secrets;
  private final Duration kept;
  private final InstantSource clock;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().name("secret-sweep").factory());

  /// @param kept how long a secret stays without being used
  public SecretSweep(PostgresSecrets secrets, Duration kept, InstantSource clock) {
    this.secrets = secrets;
    this.kept = kept;
    this.clock = clock;
  }

  /// Sweeps from now on, the first time at once.
  public void start() {
    var _ =
        thread.scheduleWithFixedDelay(this::round, 0, INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void round() {
    try {
      sweep();
    } catch (RuntimeException e) {
      LOG.warnf("secrets could not be swept, later again: %s", e.getMessage());
    }
  }

  /// One round.
  void sweep() {
    int removed = secrets.forgetUnusedSince(clock.instant().minus(kept));
    if (removed > 0) {
      LOG.infof("%d secrets removed that no clone has used for %d days", removed, kept.toDays());
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
