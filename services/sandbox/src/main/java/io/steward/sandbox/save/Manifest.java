package io.steward.sandbox.save;

import java.util.List;

/// A save point in the blob store: its packs in the order in which they are laid over each other.
///
/// @param version of this form
/// @param number of the save point
/// @param packs the oldest first
public record Manifest(int version, long number, List<Pack> packs) {
  static final int VERSION = 1;

  /// An archive of what one save took.
  ///
  /// @param number of the save point it was made for; what it holds is newer than lower ones
  /// @param key of its blob
  /// @param bytes of what it holds, before it is compressed
  /// @param ignored positions of entries that changed while they were read, from 0
  public record Pack(long number, String key, long bytes, List<Integer> ignored) {}

  static Manifest none() {
    return new Manifest(VERSION, 0, List.of());
  }

  long bytes() {
    return packs.stream().mapToLong(Pack::bytes).sum();
  }

  /// The number from which on packs are put together with a new one of `bytes`: those that are not
  /// much larger than all that came after them.
  long mergedFrom(long number, long bytes) {
    if (packs.size() < SaveLimits.PACKS_MAX) {
      return number;
    }
    long from = number;
    long sum = bytes;
    for (Pack pack : packs.reversed()) {
      if (pack.bytes() > 2 * sum + SaveLimits.SMALL_PACK_BYTES) {
        break;
      }
      sum += pack.bytes();
      from = pack.number();
    }
    return from;
  }
}
