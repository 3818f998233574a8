package io.steward.sessionlog.create;

import io.steward.schemas.agent.EnvironmentConfig;
import io.steward.schemas.agent.EnvironmentConfig.CloudConfig;
import io.steward.schemas.agent.EnvironmentConfig.Limited;
import io.steward.schemas.agent.McpServer;
import io.steward.schemas.agent.SessionAgent;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import java.net.URI;
import java.util.Locale;

/// Whether an agent can work in an environment: a limited network must let it reach its MCP
/// servers. Source: contract/core.md §5.4.
final class EnvironmentFit {
  private static final String SUBDOMAINS = "*.";

  private EnvironmentFit() {}

  static void require(SessionAgent agent, EnvironmentConfig config) {
    if (!(config instanceof CloudConfig cloud)
        || !(cloud.networking() instanceof Limited limited)
        || limited.allowMcpServers()) {
      return;
    }
    for (McpServer server : agent.mcpServers()) {
      String host = host(server.url());
      if (limited.allowedHosts().stream().noneMatch(allowed -> covers(allowed, host))) {
        throw new ApiException(
            ApiError.invalid(
                "The environment's network is limited and does not allow the host "
                    + host
                    + " of the MCP server "
                    + server.name()
                    + "."));
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
