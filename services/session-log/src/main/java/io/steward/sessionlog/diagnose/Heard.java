package io.steward.sessionlog.diagnose;

import io.steward.schemas.progress.ProgressWatch;
import io.steward.schemas.progress.SessionProgress;
import java.time.Duration;
import java.time.Instant;

/// What was told of slow work.
///
/// @param at when this replica heard it, by its own clock
record Heard(SessionProgress progress, Instant at) {
  /// How long it holds: whoever still does it tells it twice in that time.
  static final Duration HOLDS = ProgressWatch.REPEAT.multipliedBy(2).plusSeconds(15);

  boolean holds(Instant now) {
    return at.plus(HOLDS).isAfter(now);
  }
}
