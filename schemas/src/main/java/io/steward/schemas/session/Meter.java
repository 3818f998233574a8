package io.steward.schemas.session;

import io.steward.schemas.event.CumulativeUsage;
import io.steward.schemas.event.RequestUsage;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What a session has used.
///
/// @param usage totals; its `activeSeconds` covers finished running times only
/// @param runningSince start of the running time that is still open, or null
/// @param everRan whether the session has run at all
/// @param everIdled whether a turn has ended
public record Meter(
    CumulativeUsage usage, @Nullable Instant runningSince, boolean everRan, boolean everIdled) {
  static final Meter ZERO = new Meter(CumulativeUsage.NONE, null, false, false);
  private static final double MILLIS_PER_SECOND = 1000.0;

  Meter started(Instant time) {
    return runningSince == null ? new Meter(usage, time, true, everIdled) : this;
  }

  Meter stopped(Instant time) {
    return new Meter(usageAt(time), null, everRan, true);
  }

  Meter paused(Instant time) {
    return new Meter(usageAt(time), null, everRan, everIdled);
  }

  Meter plus(RequestUsage request) {
    return new Meter(usage.plus(request), runningSince, everRan, everIdled);
  }

  /// The totals as they stand at `time`.
  public CumulativeUsage usageAt(Instant time) {
    if (runningSince == null || time.isBefore(runningSince)) {
      return usage;
    }
    double open = Duration.between(runningSince, time).toMillis() / MILLIS_PER_SECOND;
    double total = Math.round((usage.activeSeconds() + open) * MILLIS_PER_SECOND);
    return usage.withActiveSeconds(total / MILLIS_PER_SECOND);
  }
}
