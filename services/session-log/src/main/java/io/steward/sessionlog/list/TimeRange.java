package io.steward.sessionlog.list;

import io.steward.sessionlog.http.QueryParameters;
import java.time.Instant;
import java.util.Optional;

/// The filters `created_at[gt]`, `[gte]`, `[lt]`, `[lte]`.
record TimeRange(
    Optional<Instant> after,
    Optional<Instant> from,
    Optional<Instant> before,
    Optional<Instant> to) {

  static TimeRange of(QueryParameters query) {
    return new TimeRange(
        query.instant("created_at[gt]"),
        query.instant("created_at[gte]"),
        query.instant("created_at[lt]"),
        query.instant("created_at[lte]"));
  }

  boolean contains(Instant time) {
    return after.map(time::isAfter).orElse(true)
        && from.map(bound -> !time.isBefore(bound)).orElse(true)
        && before.map(time::isBefore).orElse(true)
        && to.map(bound -> !time.isAfter(bound)).orElse(true);
  }
}
