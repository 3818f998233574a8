package io.steward.schemas.query;

import io.steward.schemas.session.Session;
import org.jspecify.annotations.Nullable;

/// One part of the answer to a [SessionQuery]: a record of `session-snapshots`, keyed by the query
/// id, in the partition of the query. An answer of `total` sessions is `total` records with `index`
/// from 0; an empty answer is one record with `total` 0 and no session. The same part may come more
/// than once, and several replicas may answer the same query: only parts with the same `answerId`
/// belong together.
///
/// @param session null in an empty answer, and for a session that could not be folded
/// @param coveredOffset every record below this offset is folded in
/// @param foldVersion version of the fold that made `session`
/// @param answerId of the answer this is a part of; null in those of earlier versions
public record SessionSnapshot(
    String queryId,
    int index,
    int total,
    @Nullable Session session,
    long coveredOffset,
    int foldVersion,
    @Nullable String answerId) {
  public static final String TYPE = "session.snapshot";

  /// A part of an answer without an id, as earlier versions wrote it.
  public SessionSnapshot(
      String queryId,
      int index,
      int total,
      @Nullable Session session,
      long coveredOffset,
      int foldVersion) {
    this(queryId, index, total, session, coveredOffset, foldVersion, null);
  }
}
