package io.steward.schemas.sandbox;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.steward.schemas.event.ContentBlock;
import io.steward.schemas.id.SessionId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What came of one tool call: a record of `tool-results`. It may come more than once, always with
/// the same content.
///
/// @param content what the model reads; never empty
/// @param durationMs milliseconds the call took
/// @param kept where the whole of a text is that `content` has only the beginning of, or null
public record ToolResult(
    SessionId sessionId,
    String toolUseId,
    Outcome outcome,
    boolean isError,
    List<ContentBlock> content,
    long durationMs,
    @Nullable Kept kept) {
  public static final String TYPE = "tool.result";

  /// The longest text a model reads of one result, in characters. Source: contract/core.md §2.7.
  public static final int TEXT_CHARS_MAX = 100_000;

  public ToolResult {
    content = List.copyOf(content);
  }

  public ToolResult(
      SessionId sessionId,
      String toolUseId,
      Outcome outcome,
      boolean isError,
      List<ContentBlock> content,
      long durationMs) {
    this(sessionId, toolUseId, outcome, isError, content, durationMs, null);
  }

  /// A text that is too long for the model.
  ///
  /// @param blobKey of the text in the blob store, UTF-8
  /// @param chars characters of it
  public record Kept(String blobKey, long sizeBytes, long chars) {}

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
