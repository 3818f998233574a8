package io.steward.e2e.model;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the model does with one request: an answer, or one of the ways in which it fails.
public sealed interface Reply {

  /// A streamed answer. With a gate, everything but the last piece is sent, then pings, until the
  /// gate opens or the caller hangs up.
  ///
  /// @param pause between two pieces of text
  record Message(
      List<Block> blocks,
      String stopReason,
      @Nullable StopDetails stopDetails,
      Tokens tokens,
      @Nullable Gate gate,
      Duration pause)
      implements Reply {
    public Message heldBy(Gate held) {
      return new Message(blocks, stopReason, stopDetails, tokens, held, pause);
    }

    public Message counting(Tokens counted) {
      return new Message(blocks, stopReason, stopDetails, counted, gate, pause);
    }

    public Message stoppedBy(String reason) {
      return new Message(blocks, reason, stopDetails, tokens, gate, pause);
    }

    public Message pausing(Duration between) {
      return new Message(blocks, stopReason, stopDetails, tokens, gate, between);
    }
  }

  /// An error instead of a stream.
  record HttpError(int status, String type, String message, Map<String, String> headers)
      implements Reply {}

  /// A stream that begins with these blocks and then carries an `error` event.
  record StreamError(List<Block> blocks, String type, String message) implements Reply {}

  /// A stream that begins with these blocks and then loses its connection.
  record Cut(List<Block> blocks) implements Reply {}

  /// Why a reply was refused.
  record StopDetails(String category, String explanation) {}

  /// The tokens a reply reports.
  record Tokens(int input, int output, int cacheCreation, int cacheRead) {
    public static final Tokens USUAL = new Tokens(11, 7, 5, 3);
  }

  static Message message(Block... blocks) {
    boolean callsTool = false;
    for (Block block : blocks) {
      callsTool |= block instanceof Block.ToolUse;
    }
    String stopReason = callsTool ? "tool_use" : "end_turn";
    return new Message(List.of(blocks), stopReason, null, Tokens.USUAL, null, Duration.ZERO);
  }

  static Message text(String... pieces) {
    return message(Block.Text.of(pieces));
  }

  static Message bash(String command) {
    return message(Block.ToolUse.bash(command));
  }

  static Message tool(String name, String inputJson) {
    return message(Block.ToolUse.of(name, inputJson));
  }

  static Message refusal(String category, String explanation) {
    return new Message(
        List.of(Block.Text.of("I will not do that.")),
        "refusal",
        new StopDetails(category, explanation),
        Tokens.USUAL,
        null,
        Duration.ZERO);
  }

  static HttpError overloaded() {
    return new HttpError(529, "overloaded_error", "Overloaded", Map.of());
  }

  static HttpError rateLimited(Duration retryAfter) {
    return new HttpError(
        429,
        "rate_limit_error",
        "Too many requests",
        Map.of("retry-after", Long.toString(retryAfter.toSeconds())));
  }

  static HttpError internalError() {
    return new HttpError(500, "api_error", "Internal server error", Map.of());
  }

  static HttpError invalidRequest(String message) {
    return new HttpError(400, "invalid_request_error", message, Map.of());
  }

  static HttpError unauthorized() {
    return new HttpError(401, "authentication_error", "invalid x-api-key", Map.of());
  }
}
