package io.steward.sessionlog.work;

/// What a session's records say about its need of a worker, in offsets of its partition.
///
/// @param readTo the newest record that was looked at
/// @param askedAt the newest record that asked for a worker
/// @param coveredTo what asked up to here is in the hands of a worker that acknowledged, or was
///   stopped by whoever asked; -1 for nothing
/// @param now whether the session needs a worker after `readTo`
public record Need(long readTo, long askedAt, long coveredTo, boolean now) {
  static final long NOTHING = -1;

  /// The need once `demand` was read.
  Need read(Demand demand) {
    return new Need(
        demand.offset(), Math.max(askedAt, demand.askedAt()), coveredTo, demand.needed());
  }

  /// Somebody takes care of everything that was asked so far.
  Need covered() {
    return new Need(readTo, askedAt, Math.max(coveredTo, askedAt), now);
  }

  /// Whether something was asked that nobody has taken care of.
  boolean open() {
    return now && askedAt > coveredTo;
  }
}
