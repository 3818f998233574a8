package io.steward.sandbox.call;

import io.steward.sandbox.journal.Journal;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/// Tells the other instances of the service that this one lives, and answers calls of those that
/// are silent. After a time in which the database was away, everybody looks silent; so nobody is
/// judged before this instance was heard itself for as long as others may be silent. Not for
/// several threads.
public final class SilentInstances {
  private final Journal journal;
  private final ToolCalls calls;
  private final String owner;
  private final Duration silence;
  private final InstantSource clock;
  private @Nullable Instant heardSince;

  /// @param owner this instance
  /// @param silence how long another may be silent
  public SilentInstances(
      Journal journal, ToolCalls calls, String owner, Duration silence, InstantSource clock) {
    this.journal = journal;
    this.calls = calls;
    this.owner = owner;
    this.silence = silence;
    this.clock = clock;
  }

  /// One round; several of them fit into the time that an instance may be silent.
  public void round() {
    Instant since = heardSince;
    heardSince = null; // Unless the database answers.
    journal.seen(owner);
    Instant now = clock.instant();
    heardSince = since == null ? now : since;
    if (since != null && since.plus(silence).isBefore(now)) {
      calls.adopt(silence);
    }
  }
}
