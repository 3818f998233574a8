package io.steward.harness.model;

import io.steward.harness.decide.ModelOutcome;
import io.steward.harness.request.ModelRequest;
import io.steward.schemas.preview.PreviewFrame;
import java.util.function.Consumer;

/// Answers model requests.
public interface ModelClient extends AutoCloseable {
  /// The outcome of one attempt; nothing is retried here. Blocks the calling thread, which may be
  /// interrupted: the call then ends at once, with an outcome nobody should use.
  ///
  /// @param previews gets what can be shown of the reply while it comes; must not block or throw
  ModelOutcome ask(ModelRequest request, Consumer<PreviewFrame> previews);

  /// Gives connections back; no requests after this.
  @Override
  default void close() {}
}
