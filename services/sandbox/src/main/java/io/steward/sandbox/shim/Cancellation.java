package io.steward.sandbox.shim;

import java.util.concurrent.CompletableFuture;

/// A wish to stop, which can be made once and comes true at any time later. Whoever waits for
/// something else beside it registers a wake-up.
public final class Cancellation {
  private final CompletableFuture<Void> wish = new CompletableFuture<>();

  /// Asks to stop. Again is no different from once.
  public void cancel() {
    wish.complete(null);
  }

  public boolean isCanceled() {
    return wish.isDone();
  }

  /// Runs `wakeUp` when the wish is made, at once when it already was. It must not block.
  public void onCancel(Runnable wakeUp) {
    var _ = wish.thenRun(wakeUp);
  }
}
