package io.steward.schemas.query;

import io.steward.schemas.session.Session;
import org.jspecify.annotations.Nullable;

/// One part of the answer to a [SessionQuery]: a record of `session-snapshots`, keyed by the query
/// id, in the partition of the query. An answer of `total` sessions is `total` records with `index`
/// from 0; an empty answer is one record with `total` 0 and no session. The same part may come more
/// than once.
///
/// @param coveredOffset every record below this offset is folded in
/// @param foldVersion version of the fold that made `session`
public record SessionSnapshot(
    String queryId,
    int index,
    int total,
    @Nullable Session session,
    long coveredOffset,
    int foldVersion) {
  public static final String TYPE = "session.snapshot";
}
