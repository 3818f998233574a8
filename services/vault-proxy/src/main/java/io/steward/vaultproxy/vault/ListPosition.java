package io.steward.vaultproxy.vault;

import java.time.Instant;

/// The last entry of a page of a list that is newest first: the next page begins after it.
///
/// @param createdAt in milliseconds
public record ListPosition(Instant createdAt, String id) {}
