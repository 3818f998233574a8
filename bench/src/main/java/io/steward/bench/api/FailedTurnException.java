package io.steward.bench.api;

/// A turn did not do what its message asked for, so its times say nothing.
public final class FailedTurnException extends Exception {
  private static final long serialVersionUID = 1L;

  /// @param why in one sentence
  FailedTurnException(String why) {
    super(why);
  }
}
