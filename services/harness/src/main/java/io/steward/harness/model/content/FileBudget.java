package io.steward.harness.model.content;

import java.util.concurrent.Semaphore;

/// How many bytes of files may be in memory.
public final class FileBudget {
  private final int requestBytesMax;
  private final int heldBytesMax;
  private final Semaphore held;

  /// @param requestBytesMax of one request; providers take about 32 MB after encoding
  /// @param heldBytesMax of all requests under way; further ones wait, first come first served
  public FileBudget(int requestBytesMax, int heldBytesMax) {
    if (requestBytesMax < 0 || heldBytesMax < requestBytesMax) {
      throw new IllegalArgumentException(
          "steward.model.files-held-bytes-max is "
              + heldBytesMax
              + "; it must be at least steward.model.file-bytes-max ("
              + requestBytesMax
              + "), which must be at least 0");
    }
    this.requestBytesMax = requestBytesMax;
    this.heldBytesMax = heldBytesMax;
    this.held = new Semaphore(heldBytesMax, true);
  }

  int requestBytesMax() {
    return requestBytesMax;
  }

  void acquire(int bytes) throws InterruptedException {
    held.acquire(Math.min(bytes, heldBytesMax));
  }

  void release(int bytes) {
    held.release(Math.min(bytes, heldBytesMax));
  }
}
