package io.steward.sessionlog.create;

import io.steward.schemas.agent.EnvironmentConfig;
import io.steward.schemas.agent.EnvironmentConfig.CloudConfig;
import io.steward.schemas.agent.EnvironmentConfig.Limited;
import io.steward.schemas.agent.McpServer;
import io.steward.schemas.agent.Multiagent;
import io.steward.schemas.agent.SessionAgent;
import io.steward.schemas.agent.ThreadAgent;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import java.net.URI;
import java.util.List;
import java.util.Locale;

/// Whether an agent can work in an environment: a limited network must let it, and everyone in its
/// roster, reach their MCP servers. Source: contract/core.md §3.1, §5.4.
public final class EnvironmentFit {
  private static final String SUBDOMAINS = "*.";

  private EnvironmentFit() {}

  /// @throws ApiException 400 when a server of the agent or of its roster cannot be reached
  static void require(SessionAgent agent, EnvironmentConfig config) {
    requireServers(agent.name(), agent.mcpServers(), config);
    Multiagent roster = agent.multiagent();
    if (roster != null) {
      for (Multiagent.Member member : roster.members()) {
        if (member instanceof ThreadAgent thread) {
          requireServers(thread.name(), thread.mcpServers(), config);
        }
      }
    }
  }

  /// @param agentName of the agent that declares the servers
  /// @throws ApiException 400 when a server cannot be reached
  public static void requireServers(
      String agentName, List<McpServer> servers, EnvironmentConfig config) {
    if (!(config instanceof CloudConfig cloud)
        || !(cloud.networking() instanceof Limited limited)
        || limited.allowMcpServers()) {
      return;
    }
    for (McpServer server : servers) {
      String host = host(server.url());
      if (limited.allowedHosts().stream().noneMatch(allowed -> covers(allowed, host))) {
        throw new ApiException(
            ApiError.invalid(
                ("`mcp_servers` of the agent \"%s\" has \"%s\" at the host %s, but the environment's"
                        + " network is limited: `allowed_hosts` does not have this host, and"
                        + " `allow_mcp_servers` is false.")
                    .formatted(agentName, server.name(), host)));
      }
    }
  }

  private static String host(String url) {
    String host = URI.create(url).getHost();
    return host == null ? "" : host.toLowerCase(Locale.ROOT);
  }

  private static boolean covers(String allowed, String host) {
    return allowed.startsWith(SUBDOMAINS)
        ? host.endsWith(allowed.substring(1))
        : allowed.equals(host);
  }
}
