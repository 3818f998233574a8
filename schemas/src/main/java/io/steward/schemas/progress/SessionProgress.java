package io.steward.schemas.progress;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.steward.schemas.id.SessionId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What somebody is doing for a session that takes longer than a moment: a record of
/// `session-progress`, keyed by the session id, in the session's partition. May be lost.
///
/// @param about id of the `span.model_request_start` or of the tool use; for a summary, which has
///   neither, [io.steward.schemas.session.Transcript#summaryId()]
/// @param since when the activity began
/// @param deadline when it is given up by itself, or null when nothing says so
public record SessionProgress(
    SessionId sessionId,
    String about,
    Activity activity,
    Instant since,
    @Nullable Instant deadline) {
  public static final String TYPE = "session.progress";

  /// What is done.
  public enum Activity {
    /// A model request waits until another one at its provider ends.
    @JsonProperty("model_queued")
    MODEL_QUEUED,
    /// A model request was sent and nothing came back yet.
    @JsonProperty("model_asked")
    MODEL_ASKED,
    /// A reply is coming.
    @JsonProperty("model_answering")
    MODEL_ANSWERING,
    /// A reply had begun, and nothing has come since.
    @JsonProperty("model_silent")
    MODEL_SILENT,
    /// A call waits for its turn.
    @JsonProperty("call_queued")
    CALL_QUEUED,
    /// What the sandbox of a call needs is made ready: packages, files.
    @JsonProperty("sandbox_preparing")
    SANDBOX_PREPARING,
    /// The sandbox of a call is being made.
    @JsonProperty("sandbox_starting")
    SANDBOX_STARTING,
    /// A call runs.
    @JsonProperty("call_running")
    CALL_RUNNING
  }
}
