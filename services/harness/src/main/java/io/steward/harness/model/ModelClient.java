package io.steward.harness.model;

import io.steward.harness.decide.ModelOutcome;
import io.steward.harness.request.ModelRequest;

/// Answers model requests.
public interface ModelClient extends AutoCloseable {
  /// The outcome of one attempt; nothing is retried here. Blocks the calling thread, which may be
  /// interrupted: the call then ends at once, with an outcome nobody should use.
  ///
  /// @param previews hears of the reply while it comes, but not that the request is over
  ModelOutcome ask(ModelRequest request, ReplyListener previews);

  /// Gives connections back; no requests after this.
  @Override
  default void close() {}
}
