package io.steward.harness.partition;

import io.steward.harness.log.RecordReader;

/// An answer that came.
///
/// @param offset on `tool-results`, or [#OURS]
record Arrival(long offset, RecordReader.Answer answer) {
  /// Of an answer that came from this harness itself: no position depends on it.
  static final long OURS = -1;

  /// What it is about: one answer about it is used.
  String subject() {
    return switch (answer) {
      case RecordReader.Answer.Tool tool -> tool.result().toolUseId();
      case RecordReader.Answer.Repository repository -> repository.result().resourceId();
      // A server may tell its tools again, and its last word counts.
      case RecordReader.Answer.McpTools _ -> "mcp " + offset;
      case RecordReader.Answer.Lost lost -> lost.sessionId().value();
    };
  }
}
