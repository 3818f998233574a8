package io.steward.vaultproxy.call;

import java.time.Duration;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Tells the other instances of the service that this one lives, and knows which of them are
/// silent. After a time in which the database was away, everybody looks silent; so nobody is judged
/// before this instance was heard itself for as long as others may be silent.
final class LivingInstances {
  private static final Logger LOG = Logger.getLogger(LivingInstances.class);

  private final PostgresCallJournal journal;
  private final String self;
  private final Duration silence;
  private @Nullable Long heardSinceNanos;

  /// @param self this instance
  /// @param silence how long another may be silent
  LivingInstances(PostgresCallJournal journal, String self, Duration silence) {
    this.journal = journal;
    this.self = self;
    this.silence = silence;
  }

  /// One round; several of them fit into the time that an instance may be silent.
  synchronized void round() {
    Long since = heardSinceNanos;
    heardSinceNanos = null; // Unless the database answers.
    long now = System.nanoTime();
    try {
      journal.seen(self);
      heardSinceNanos = since == null ? now : since;
    } catch (RuntimeException e) {
      LOG.warnf("the database does not know that this instance lives: %s", e.getMessage());
    }
  }

  /// Whether nothing of a call of that instance can go on.
  boolean isGone(String instance) {
    return instance.equals(self) || hasBeenHeard() && journal.isSilent(instance, silence);
  }

  private synchronized boolean hasBeenHeard() {
    Long since = heardSinceNanos;
    return since != null && System.nanoTime() - since >= silence.toNanos();
  }
}
