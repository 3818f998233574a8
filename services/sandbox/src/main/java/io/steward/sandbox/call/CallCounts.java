package io.steward.sandbox.call;

import java.time.Duration;

/// Hears what went wrong with calls, and what they waited for, for whoever watches the service.
/// Safe from any thread.
public interface CallCounts {
  /// A call was answered as lost: nobody knows how far it came.
  void callLost();

  /// A call failed by a fault of this service.
  void callFailed();

  /// A sandbox was opened.
  ///
  /// @param took from a session without one to one that takes commands, its files included
  void sandboxStarted(Start start, Duration took);

  /// A sandbox was wanted and could not be had. One that was wanted ahead of its call and left out,
  /// because there were enough, is none.
  void sandboxMissed(Start start);

  /// Who wanted a sandbox.
  enum Start {
    /// A call, which waited for it.
    COLD,
    /// The harness, before a call did.
    PREPARED
  }
}
