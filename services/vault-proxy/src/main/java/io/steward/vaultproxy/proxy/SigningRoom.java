package io.steward.vaultproxy.proxy;

import java.util.concurrent.atomic.AtomicLong;

/// Memory for the bodies that are kept until they are signed, of all sandboxes together. Safe from
/// any thread.
final class SigningRoom {
  static final long BYTES_MAX = 67_108_864;

  private final AtomicLong taken = new AtomicLong();

  /// Whether there was room; then [#give] must follow once.
  boolean take(long bytes) {
    if (taken.addAndGet(bytes) > BYTES_MAX) {
      taken.addAndGet(-bytes);
      return false;
    }
    return true;
  }

  void give(long bytes) {
    taken.addAndGet(-bytes);
  }
}
