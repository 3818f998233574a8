package io.steward.sandbox.kubernetes;

import java.time.Duration;
import java.util.Set;

/// Which instances of the sandbox service are alive.
@FunctionalInterface
public interface Instances {
  /// Those that were heard of within `longest`.
  ///
  /// @throws RuntimeException when that cannot be told now
  Set<String> heardWithin(Duration longest);
}
