package io.steward.sandbox.output;

import io.steward.schemas.sandbox.SandboxOutput;

/// Where outputs are told of. Safe from any thread.
public interface OutputChannel {
  /// Tells of an output whose blob is whole, and waits until that is safe.
  ///
  /// @return false when it may not have arrived; it can be told again
  boolean publish(String workspaceId, SandboxOutput output);
}
