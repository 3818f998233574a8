package io.steward.schemas.agent.rules;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.agent.AgentTool;
import io.steward.schemas.agent.AgentTool.AgentToolset;
import io.steward.schemas.agent.AgentTool.CustomTool;
import io.steward.schemas.agent.AgentTool.DefaultConfig;
import io.steward.schemas.agent.AgentTool.McpToolConfig;
import io.steward.schemas.agent.AgentTool.McpToolset;
import io.steward.schemas.agent.PermissionPolicy;
import io.steward.schemas.agent.ToolConfig;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.StreamSupport;

/// The rules of `tools`: entries are resolved, so that every default is filled in. Source:
/// contract/core.md §2.6–2.8.
final class ToolRules {
  private static final int TOOLS_MAX = 256;
  private static final int CONFIGS_MAX = 256;
  private static final int MCP_SERVER_NAME_CHARS_MAX = 255;
  private static final int MCP_TOOL_NAME_CHARS_MAX = 128;
  private static final List<String> TYPES =
      List.of(AgentTool.AGENT_TOOLSET, AgentTool.MCP_TOOLSET, AgentTool.CUSTOM);
  private static final List<String> POLICIES = List.of("always_allow", "always_ask", "auto");
  private static final DefaultConfig BUILT_IN_DEFAULT =
      new DefaultConfig(true, new PermissionPolicy.AlwaysAllow());
  private static final DefaultConfig MCP_DEFAULT =
      new DefaultConfig(true, new PermissionPolicy.AlwaysAsk());

  private ToolRules() {}

  /// The resolved tools in the field `tools` of `owner`; empty when it is missing or null.
  static List<AgentTool> read(Fields owner) {
    Set<String> customTools = customTools(owner);
    Set<String> seen = new HashSet<>();
    return owner.list(
        "tools",
        TOOLS_MAX,
        (entry, path) -> {
          Fields tool = Fields.at(entry, path);
          AgentTool resolved = tool(tool, customTools);
          if (!seen.add(identity(resolved))) {
            throw tool.refusal(identityField(resolved), "must not be in `tools` twice");
          }
          return resolved;
        });
  }

  private static AgentTool tool(Fields tool, Set<String> customTools) {
    return switch (tool.requiredChoice("type", TYPES)) {
      case AgentTool.AGENT_TOOLSET -> agentToolset(tool, customTools);
      case AgentTool.MCP_TOOLSET -> mcpToolset(tool);
      default -> CustomToolRules.read(tool);
    };
  }

  private static String identity(AgentTool tool) {
    return switch (tool) {
      case AgentToolset _ -> "toolset";
      case McpToolset toolset -> "mcp " + toolset.mcpServerName();
      case CustomTool custom -> "custom " + custom.name();
    };
  }

  private static String identityField(AgentTool tool) {
    return switch (tool) {
      case AgentToolset _ -> "type";
      case McpToolset _ -> "mcp_server_name";
      case CustomTool _ -> "name";
    };
  }

  /// Names of custom tools, read before anything is checked: `url_sources` may name a later tool.
  private static Set<String> customTools(Fields owner) {
    Set<String> names = new HashSet<>();
    JsonNode tools = owner.value("tools");
    if (tools != null && tools.isArray()) {
      StreamSupport.stream(tools.spliterator(), false)
          .filter(tool -> tool.path("type").asText().equals(AgentTool.CUSTOM))
          .forEach(tool -> names.add(tool.path("name").asText()));
    }
    return names;
  }

  private static AgentToolset agentToolset(Fields toolset, Set<String> customTools) {
    DefaultConfig defaults = defaults(toolset, BUILT_IN_DEFAULT);
    Set<String> seen = new HashSet<>();
    List<ToolConfig> configs =
        toolset.list(
            "configs",
            CONFIGS_MAX,
            (entry, path) -> {
              Fields config = Fields.at(entry, path);
              String name = config.requiredChoice("name", ToolConfig.NAMES);
              config.choice("type", List.of(name));
              requireOnce(config, name, seen);
              return config(config, name, resolve(config, defaults), customTools);
            });
    return new AgentToolset(defaults, configs);
  }

  private static ToolConfig config(
      Fields config, String name, DefaultConfig resolved, Set<String> customTools) {
    return switch (name) {
      case ToolConfig.WEB_SEARCH -> WebToolRules.webSearch(config, resolved);
      case ToolConfig.WEB_FETCH -> WebToolRules.webFetch(config, resolved, customTools);
      default -> new ToolConfig.Sandboxed(name, resolved.enabled(), resolved.permissionPolicy());
    };
  }

  private static McpToolset mcpToolset(Fields toolset) {
    DefaultConfig defaults = defaults(toolset, MCP_DEFAULT);
    String server = toolset.requiredText("mcp_server_name", 1, MCP_SERVER_NAME_CHARS_MAX);
    Set<String> seen = new HashSet<>();
    List<McpToolConfig> configs =
        toolset.list(
            "configs",
            CONFIGS_MAX,
            (entry, path) -> {
              Fields config = Fields.at(entry, path);
              String name = config.requiredText("name", 1, MCP_TOOL_NAME_CHARS_MAX);
              requireOnce(config, name, seen);
              DefaultConfig resolved = resolve(config, defaults);
              return new McpToolConfig(name, resolved.enabled(), resolved.permissionPolicy());
            });
    return new McpToolset(server, defaults, configs);
  }

  private static void requireOnce(Fields config, String name, Set<String> seen) {
    if (!seen.add(name)) {
      throw config.refusal("name", "must not be in `configs` twice");
    }
  }

  private static DefaultConfig defaults(Fields toolset, DefaultConfig otherwise) {
    Fields config = toolset.object("default_config");
    return config == null ? otherwise : resolve(config, otherwise);
  }

  /// `enabled` and `permission_policy` of an entry, where what it leaves out is inherited.
  private static DefaultConfig resolve(Fields config, DefaultConfig inherited) {
    Fields policy = config.object("permission_policy");
    return new DefaultConfig(
        config.flag("enabled", inherited.enabled()),
        policy == null ? inherited.permissionPolicy() : policy(policy));
  }

  private static PermissionPolicy policy(Fields policy) {
    return switch (policy.requiredChoice("type", POLICIES)) {
      case "always_allow" -> new PermissionPolicy.AlwaysAllow();
      case "always_ask" -> new PermissionPolicy.AlwaysAsk();
      default -> new PermissionPolicy.Auto();
    };
  }
}
