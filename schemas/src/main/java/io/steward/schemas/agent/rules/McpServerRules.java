package io.steward.schemas.agent.rules;

import io.steward.schemas.agent.AgentTool;
import io.steward.schemas.agent.AgentTool.McpToolset;
import io.steward.schemas.agent.McpServer;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// The rules of `mcp_servers`, and that servers and toolsets name each other. Source:
/// contract/core.md §2.3, §2.9.
final class McpServerRules {
  private static final int SERVERS_MAX = 20;
  private static final int NAME_CHARS_MAX = 255;
  private static final int URL_CHARS_MAX = 2048;

  private McpServerRules() {}

  /// The servers in the field `mcp_servers` of `owner`; empty when it is missing or null.
  static List<McpServer> read(Fields owner) {
    Set<String> seen = new HashSet<>();
    return owner.list(
        "mcp_servers",
        SERVERS_MAX,
        (entry, path) -> {
          Fields server = Fields.at(entry, path);
          server.requiredChoice("type", List.of("url"));
          String name = server.requiredText("name", 1, NAME_CHARS_MAX);
          if (!seen.add(name)) {
            throw server.refusal("name", "must be unique in `mcp_servers`");
          }
          return new McpServer(name, url(server));
        });
  }

  private static String url(Fields server) {
    String url = server.requiredText("url", 1, URL_CHARS_MAX);
    try {
      URI uri = new URI(url);
      boolean http = "http".equalsIgnoreCase(uri.getScheme());
      boolean https = "https".equalsIgnoreCase(uri.getScheme());
      if ((http || https) && uri.getHost() != null) {
        return url;
      }
    } catch (URISyntaxException _) {
      // Answered below, as every other unusable URL.
    }
    throw server.refusal("url", "must be an absolute http or https URL");
  }

  /// Refuses a toolset whose server is not declared.
  static void requireServers(List<AgentTool> tools, List<McpServer> servers) {
    Set<String> declared = servers.stream().map(McpServer::name).collect(Collectors.toSet());
    for (AgentTool tool : tools) {
      if (tool instanceof McpToolset toolset && !declared.contains(toolset.mcpServerName())) {
        throw new ApiException(
            ApiError.invalid(
                "`tools` has an mcp_toolset for \"%s\", but `mcp_servers` has no such server."
                    .formatted(toolset.mcpServerName())));
      }
    }
  }

  /// Refuses a server that no toolset uses.
  static void requireToolsets(List<AgentTool> tools, List<McpServer> servers) {
    Set<String> used =
        tools.stream()
            .filter(McpToolset.class::isInstance)
            .map(tool -> ((McpToolset) tool).mcpServerName())
            .collect(Collectors.toSet());
    for (McpServer server : servers) {
      if (!used.contains(server.name())) {
        throw new ApiException(
            ApiError.invalid(
                "`mcp_servers` has \"%s\", but `tools` has no mcp_toolset for it."
                    .formatted(server.name())));
      }
    }
  }
}
