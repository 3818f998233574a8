package io.steward.harness.metric;

import io.steward.schemas.agent.ToolConfig;
import io.steward.schemas.session.ToolCall;

/// A tool as a label: the name of a built-in one, `mcp`, or `other`.
final class ToolLabel {
  static final String MCP = "mcp";

  private ToolLabel() {}

  /// Names of MCP tools are chosen by their servers, so they are all the same here.
  static String of(ToolCall call) {
    if (call.kind() == ToolCall.Kind.MCP) {
      return MCP;
    }
    return ToolConfig.NAMES.contains(call.name()) ? call.name() : TurnMeters.OTHER;
  }
}
