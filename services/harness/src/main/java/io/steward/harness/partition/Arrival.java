package io.steward.harness.partition;

import io.steward.harness.log.RecordReader;

/// An answer that came.
///
/// @param offset on `tool-results`
record Arrival(long offset, RecordReader.Answer answer) {

  /// What it is about: one answer about it is used.
  String subject() {
    return switch (answer) {
      case RecordReader.Answer.Tool tool -> tool.result().toolUseId();
      case RecordReader.Answer.Repository repository -> repository.result().resourceId();
      case RecordReader.Answer.Lost lost -> lost.sessionId().value();
    };
  }
}
