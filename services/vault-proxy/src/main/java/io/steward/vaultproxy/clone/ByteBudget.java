package io.steward.vaultproxy.clone;

import io.steward.vaultproxy.clone.CloneFailure.Reason;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.atomic.AtomicLong;

/// How many bytes a clone may still take: received and checked out, together.
final class ByteBudget {
  private final long max;
  private final AtomicLong spent = new AtomicLong();

  ByteBudget(long max) {
    this.max = max;
  }

  /// @throws CloneFailure when that is more than is left
  void spend(long bytes) throws CloneFailure {
    if (spent.addAndGet(bytes) > max) {
      throw new CloneFailure(
          Reason.CLONE, "The repository is larger than the limit of " + max + " bytes.");
    }
  }

  /// The same bytes, each of them spent.
  InputStream counted(InputStream in) {
    return new FilterInputStream(in) {
      @Override
      public int read() throws IOException {
        int next = super.read();
        spend(next < 0 ? 0 : 1);
        return next;
      }

      @Override
      public int read(byte[] bytes, int from, int length) throws IOException {
        int count = super.read(bytes, from, length);
        spend(Math.max(count, 0));
        return count;
      }
    };
  }
}
