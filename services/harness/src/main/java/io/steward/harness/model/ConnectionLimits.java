package io.steward.harness.model;

import java.time.Duration;

/// How long a model request may take.
///
/// @param connect longest time to connect
/// @param idle longest silence of a stream
/// @param total longest time of a whole request
/// @param connectionsMax idle connections that are kept
public record ConnectionLimits(
    Duration connect, Duration idle, Duration total, int connectionsMax) {}
