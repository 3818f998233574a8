package io.steward.schemas.agent;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;

/// An entry of an agent's `tools`, resolved. Source: contract/core.md §2.6–2.8.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = AgentTool.AgentToolset.class, name = AgentTool.AGENT_TOOLSET),
  @JsonSubTypes.Type(value = AgentTool.McpToolset.class, name = AgentTool.MCP_TOOLSET),
  @JsonSubTypes.Type(value = AgentTool.CustomTool.class, name = AgentTool.CUSTOM)
})
public sealed interface AgentTool {
  String AGENT_TOOLSET = "agent_toolset_20260401";
  String MCP_TOOLSET = "mcp_toolset";
  String CUSTOM = "custom";

  /// What holds for every tool of a toolset without an entry of its own.
  record DefaultConfig(boolean enabled, PermissionPolicy permissionPolicy) {}

  /// The eight built-in tools.
  ///
  /// @param configs the entries that were sent, each with its defaults filled in
  record AgentToolset(DefaultConfig defaultConfig, List<ToolConfig> configs) implements AgentTool {
    public AgentToolset {
      configs = List.copyOf(configs);
    }

    /// Whether the model may use the built-in tool of that name.
    public boolean enabled(String toolName) {
      return config(toolName).map(ToolConfig::enabled).orElse(defaultConfig.enabled());
    }

    /// Whether a call of the built-in tool of that name needs a person's word.
    public PermissionPolicy policy(String toolName) {
      return config(toolName)
          .map(ToolConfig::permissionPolicy)
          .orElse(defaultConfig.permissionPolicy());
    }

    /// The entry for one built-in tool, if it has one.
    public Optional<ToolConfig> config(String toolName) {
      return configs.stream().filter(config -> config.name().equals(toolName)).findFirst();
    }
  }

  /// The tools of one MCP server.
  ///
  /// @param mcpServerName the `name` of an entry of `mcp_servers`
  record McpToolset(String mcpServerName, DefaultConfig defaultConfig, List<McpToolConfig> configs)
      implements AgentTool {
    public McpToolset {
      configs = List.copyOf(configs);
    }

    /// Whether the model may use the server's tool of that name.
    public boolean enabled(String toolName) {
      return config(toolName).map(McpToolConfig::enabled).orElse(defaultConfig.enabled());
    }

    /// Whether a call of the server's tool of that name needs a person's word.
    public PermissionPolicy policy(String toolName) {
      return config(toolName)
          .map(McpToolConfig::permissionPolicy)
          .orElse(defaultConfig.permissionPolicy());
    }

    private Optional<McpToolConfig> config(String toolName) {
      return configs.stream().filter(config -> config.name().equals(toolName)).findFirst();
    }
  }

  /// @param name the bare name of a tool as the server reports it
  record McpToolConfig(String name, boolean enabled, PermissionPolicy permissionPolicy) {}

  /// A tool the client runs itself.
  ///
  /// @param name 1–128 of `A-Za-z0-9_-`
  /// @param inputSchema a JSON Schema of type `object`, as it was sent
  record CustomTool(String name, String description, ObjectNode inputSchema) implements AgentTool {}
}
