package io.steward.schemas.agent;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;

/// An MCP server an agent may use; credentials come from the session's vaults. Source:
/// contract/core.md §2.9.
///
/// @param name 1–255 characters, unique in the agent
/// @param url absolute http(s) URL of up to 2,048 characters
@JsonPropertyOrder({"type"})
public record McpServer(String name, String url) {
  /// Always `url`.
  @JsonProperty("type")
  public String type() {
    return "url";
  }
}
