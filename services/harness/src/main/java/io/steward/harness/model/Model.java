package io.steward.harness.model;

import io.steward.harness.decide.ModelOutcome;
import io.steward.harness.request.ModelRequest;

/// Answers model requests.
public interface Model {
  /// The outcome of one attempt; nothing is retried here. Blocks the calling thread, which may be
  /// interrupted: the call then ends at once, with an outcome nobody should use.
  ModelOutcome ask(ModelRequest request);
}
