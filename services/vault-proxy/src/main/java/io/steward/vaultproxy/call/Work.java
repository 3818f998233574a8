package io.steward.vaultproxy.call;

/// What a call does, such as calling a tool of an MCP server.
@FunctionalInterface
public interface Work {
  /// Does it, on a virtual thread, and says what came of it. It ends soon after the call was
  /// canceled. What it throws is taken for a bug, after which the outcome is unknown.
  CallAnswer perform(RunningCall running);
}
