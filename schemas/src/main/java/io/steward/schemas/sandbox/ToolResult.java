package io.steward.schemas.sandbox;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.steward.schemas.event.ContentBlock;
import io.steward.schemas.id.SessionId;
import java.util.List;

/// What came of one tool call: a record of `tool-results`. It may come more than once, always with
/// the same content.
///
/// @param content what the model reads; never empty
/// @param durationMs milliseconds the call took
public record ToolResult(
    SessionId sessionId,
    String toolUseId,
    Outcome outcome,
    boolean isError,
    List<ContentBlock> content,
    long durationMs) {
  public static final String TYPE = "tool.result";

  public ToolResult {
    content = List.copyOf(content);
  }

  /// How a call ended.
  public enum Outcome {
    @JsonProperty("completed")
    COMPLETED,
    @JsonProperty("failed")
    FAILED,
    @JsonProperty("timed_out")
    TIMED_OUT,
    @JsonProperty("canceled")
    CANCELED,
    /// It was started, and nobody can say how far it came.
    @JsonProperty("unknown")
    UNKNOWN
  }
}
