package io.steward.agentconfig.outbox;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A record that is to be published.
///
/// @param type `ce_type`
/// @param subject `ce_subject`: the id of what the record is about
/// @param document JSON, or null for a tombstone
/// @param time `ce_time`
public record OutboxRecord(
    String topic,
    String key,
    String type,
    String subject,
    @Nullable String document,
    Instant time) {}
