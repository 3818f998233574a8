package io.steward.sandbox.call;

import io.steward.sandbox.output.OutputChannel;
import io.steward.schemas.sandbox.SandboxEvent;
import io.steward.schemas.sandbox.ToolResult;
import java.time.Duration;

/// Where results, outputs and events go. Safe from any thread.
public interface Outbox extends OutputChannel {
  /// Sends a result and waits until it is safe.
  ///
  /// @return false when it may not have arrived; it can be sent again
  boolean send(String workspaceId, ToolResult result);

  /// Sends an event without waiting. It may be lost when Kafka is away.
  void announce(SandboxEvent event);

  /// Sends an event and waits until it is safe, for as long as `longest`.
  ///
  /// @return false when it may not have arrived; it may still do so later
  boolean announce(SandboxEvent event, Duration longest);
}
