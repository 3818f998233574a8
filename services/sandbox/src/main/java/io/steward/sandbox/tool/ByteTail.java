package io.steward.sandbox.tool;

/// The last bytes of a stream, in a ring of fixed size.
final class ByteTail {
  private final byte[] ring;
  private long total;

  ByteTail(int size) {
    ring = new byte[size];
  }

  void write(byte[] chunk, int offset, int length) {
    int skipped = Math.max(0, length - ring.length);
    int from = offset + skipped;
    int left = length - skipped;
    total += skipped;
    while (left > 0) {
      int at = (int) (total % ring.length);
      int part = Math.min(left, ring.length - at);
      System.arraycopy(chunk, from, ring, at, part);
      from += part;
      left -= part;
      total += part;
    }
  }

  byte[] bytes() {
    int kept = (int) Math.min(total, ring.length);
    byte[] all = new byte[kept];
    int at = (int) ((total - kept) % ring.length);
    int first = Math.min(kept, ring.length - at);
    System.arraycopy(ring, at, all, 0, first);
    System.arraycopy(ring, 0, all, first, kept - first);
    return all;
  }
}
