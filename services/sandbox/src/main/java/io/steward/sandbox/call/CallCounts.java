package io.steward.sandbox.call;

/// Hears what went wrong with calls, for whoever watches the service. Safe from any thread.
public interface CallCounts {
  /// A call was answered as lost: nobody knows how far it came.
  void callLost();

  /// A call failed by a fault of this service.
  void callFailed();
}
