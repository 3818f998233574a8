package io.steward.schemas.egress;

import io.steward.schemas.id.SessionId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The tools of an MCP server, or why they cannot be had: a record of `tool-results`. It may come
/// more than once.
///
/// @param serverName its name in the agent
/// @param url of the server, as the command had it
/// @param attempt of the command; null when nobody asked: the server's tools changed, or a call
///   found that the server can no longer be used
/// @param tools in the server's order, at most [#TOOLS_MAX], with distinct names; null when they
///   cannot be had
/// @param errorType `mcp_connection_failed_error` or `mcp_authentication_failed_error`; null when
///   there are tools
/// @param message for people, names no secret; null when there are tools
public record McpToolList(
    SessionId sessionId,
    String serverName,
    String url,
    @Nullable String attempt,
    @Nullable List<McpTool> tools,
    @Nullable String errorType,
    @Nullable String message) {
  public static final String TYPE = "mcp.tool_list";

  /// How many tools of one server are offered to a model.
  public static final int TOOLS_MAX = 256;

  public McpToolList {
    tools = tools == null ? null : List.copyOf(tools);
  }
}
