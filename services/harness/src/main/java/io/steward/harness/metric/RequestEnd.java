package io.steward.harness.metric;

/// What became of a model request.
public enum RequestEnd {
  ANSWERED,
  /// The provider did not answer it, or not so that it is of use.
  FAILED,
  /// A person stopped it.
  INTERRUPTED,
  /// Nobody knows: its owner went, or could not write the answer. The model is asked again.
  LOST
}
