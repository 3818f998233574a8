package io.steward.bench.load;

import java.util.Collection;
import java.util.Optional;

/// The longest time in which nothing was finished after something broke.
///
/// @param nanos how long
/// @param endNanos when something was finished again, on the clock of the ends
public record Standstill(long nanos, long endNanos) {
  /// What was finished in the moment after the break counts, and is not the end: it had been on its
  /// way before.
  ///
  /// @param breakNanos when it broke
  /// @param ends when things were finished, in any order
  /// @return nothing when nothing was finished after the break
  public static Optional<Standstill> after(long breakNanos, Collection<Long> ends) {
    Standstill longest = null;
    long last = breakNanos;
    for (long end : ends.stream().filter(end -> end > breakNanos).sorted().toList()) {
      if (longest == null || end - last > longest.nanos()) {
        longest = new Standstill(end - last, end);
      }
      last = end;
    }
    return Optional.ofNullable(longest);
  }
}
