package io.steward.schemas.egress;

import io.steward.schemas.id.SessionId;
import org.jspecify.annotations.Nullable;

/// What came of cloning a repository: a record of `tool-results`. It may come more than once.
///
/// @param attempt of the command
/// @param archiveKey key in the blob store of a gzipped tar with the working tree and its `.git`,
///   which names no credential; null when cloning failed
/// @param errorType one of the contract's `repository_*_error` types; null when cloning succeeded
/// @param message for people, names no secret; null when cloning succeeded
public record RepositoryResult(
    SessionId sessionId,
    String resourceId,
    String attempt,
    @Nullable String archiveKey,
    @Nullable String errorType,
    @Nullable String message) {
  public static final String TYPE = "repository.result";
}
