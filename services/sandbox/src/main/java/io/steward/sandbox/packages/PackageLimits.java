package io.steward.sandbox.packages;

import java.time.Duration;

/// What installing may take, and what of it is kept.
///
/// @param timeout wall clock of installing one environment's packages
/// @param bytesMax bytes on disk of one environment's packages, with what installers need meanwhile
/// @param buildsMax environments that are installed at once
/// @param cacheBytesMax bytes of all that are kept; what a sandbox uses is kept beyond that
/// @param cacheEntriesMax how many are kept
/// @param failureKept how long a failed installation is answered without another try
public record PackageLimits(
    Duration timeout,
    long bytesMax,
    int buildsMax,
    long cacheBytesMax,
    int cacheEntriesMax,
    Duration failureKept) {
  public PackageLimits {
    requireOne("bytes-max", bytesMax);
    requireOne("builds-max", buildsMax);
    requireOne("cache-bytes-max", cacheBytesMax);
    requireOne("cache-entries-max", cacheEntriesMax);
    if (!timeout.isPositive() || failureKept.isNegative()) {
      throw new IllegalArgumentException(
          "packages.timeout must be more than 0 and packages.failure-kept not less, got %s and %s"
              .formatted(timeout, failureKept));
    }
  }

  private static void requireOne(String name, long value) {
    if (value < 1) {
      throw new IllegalArgumentException("packages." + name + " must be at least 1, got " + value);
    }
  }
}
