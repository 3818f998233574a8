package io.steward.schemas.preview;

import io.steward.schemas.id.SessionId;

/// One preview on its way to open streams: a record of `session-previews`, keyed by the session id,
/// in the session's partition.
///
/// @param modelRequestStartId id of the `span.model_request_start` it belongs to; a tail holds the
///   preview until that event was delivered and drops it after the request's end
/// @param sequence counts the previews of the request from 0; a gap means that one was lost, and
///   nothing of that event may follow
public record SessionPreview(
    SessionId sessionId, String modelRequestStartId, int sequence, PreviewFrame frame) {
  public static final String TYPE = "session.preview";
}
