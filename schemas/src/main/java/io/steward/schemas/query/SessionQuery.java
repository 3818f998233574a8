package io.steward.schemas.query;

import io.steward.schemas.id.SessionId;
import org.jspecify.annotations.Nullable;

/// Asks session-log for folded sessions of one partition: a record of `session-queries`, keyed by
/// the query id, in the partition it asks about.
///
/// @param queryId unique; the answers carry it
/// @param partition partition of `session-events`
/// @param sessionId the one session asked for, or null for all unfinished sessions of the
///   partition: those for which [io.steward.schemas.session.Step#next] is not `Rest`
/// @param fromOffset the answer must cover every record below this offset; usually the last stable
///   offset of the partition
/// @param foldVersion [io.steward.schemas.session.Session#FOLD_VERSION] of the asker
public record SessionQuery(
    String queryId,
    int partition,
    @Nullable SessionId sessionId,
    long fromOffset,
    int foldVersion) {
  public static final String TYPE = "session.query";
}
