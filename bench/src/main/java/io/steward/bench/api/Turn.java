package io.steward.bench.api;

import io.steward.bench.model.Exchange;

/// A turn that is over, by [System#nanoTime()].
///
/// @param idleNanos when its `session.status_idle` had been read
/// @param deltaNanos when each piece was seen in a delta first; 0 for one that came only in the
///   message
public record Turn(Exchange exchange, long idleNanos, long[] deltaNanos) {}
