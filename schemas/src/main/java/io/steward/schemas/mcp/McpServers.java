package io.steward.schemas.mcp;

import io.steward.schemas.agent.McpServer;
import io.steward.schemas.egress.McpTool;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What is known about the MCP servers of a session's agent. A server that is not in here has not
/// been asked for its tools yet.
///
/// @param settled by name of the server
public record McpServers(Map<String, Settled> settled) {
  /// Nothing is known.
  public static final McpServers NONE = new McpServers(Map.of());

  public McpServers {
    settled = Map.copyOf(settled);
  }

  /// @param url what was asked; a server whose URL changed is asked again
  /// @param tools in the server's order; null when they could not be had, and the session goes on
  ///   without them until its next turn
  public record Settled(String url, @Nullable List<McpTool> tools) {
    public Settled {
      tools = tools == null ? null : List.copyOf(tools);
    }

    /// Whether the server can be used.
    public boolean usable() {
      return tools != null;
    }
  }

  /// What came of asking `server`; empty before that.
  public Optional<Settled> find(McpServer server) {
    return Optional.ofNullable(settled.get(server.name()))
        .filter(known -> known.url().equals(server.url()));
  }

  /// The tools `server` offers; none when they are not known.
  public List<McpTool> tools(McpServer server) {
    return find(server).map(Settled::tools).orElse(List.of());
  }

  /// Those of `servers` that are still to be asked, in their order.
  public List<McpServer> pending(List<McpServer> servers) {
    return servers.stream().filter(server -> find(server).isEmpty()).toList();
  }

  /// The same with one more server settled.
  public McpServers with(String name, Settled known) {
    Map<String, Settled> more = new HashMap<>(settled);
    more.put(name, known);
    return new McpServers(more);
  }

  /// What failed is tried again.
  public McpServers retried() {
    Map<String, Settled> usable = new HashMap<>(settled);
    usable.values().removeIf(known -> !known.usable());
    return new McpServers(usable);
  }
}
