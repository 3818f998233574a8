package io.steward.harness.partition;

import io.steward.harness.decide.ModelOutcome;
import org.jspecify.annotations.Nullable;

/// A model request under way, or answered and not yet written. Belongs to the loop's thread.
final class ModelCall {
  private final String spanId;
  private final Thread thread;
  private @Nullable ModelOutcome outcome;

  ModelCall(String spanId, Thread thread) {
    this.spanId = spanId;
    this.thread = thread;
  }

  String spanId() {
    return spanId;
  }

  @Nullable ModelOutcome outcome() {
    return outcome;
  }

  void answered(ModelOutcome value) {
    outcome = value;
  }

  /// Closes the connection at once.
  void cancel() {
    thread.interrupt();
  }
}
