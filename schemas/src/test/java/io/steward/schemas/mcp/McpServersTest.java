package io.steward.schemas.mcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.steward.schemas.agent.McpServer;
import io.steward.schemas.egress.McpTool;
import java.util.List;
import org.junit.jupiter.api.Test;

class McpServersTest {
  private static final McpServer TRACKER = new McpServer("tracker", "https://mcp.example.com/mcp");
  private static final McpServer WIKI = new McpServer("wiki", "https://wiki.example.com/mcp");
  private static final McpTool SEARCH =
      new McpTool("search", null, JsonNodeFactory.instance.objectNode().put("type", "object"));

  @Test
  void a_server_is_pending_until_something_came_of_asking_it() {
    McpServers servers =
        McpServers.NONE
            .with("tracker", new McpServers.Settled(TRACKER.url(), List.of(SEARCH)))
            .with("wiki", new McpServers.Settled(WIKI.url(), null));

    assertEquals(List.of(TRACKER, WIKI), McpServers.NONE.pending(List.of(TRACKER, WIKI)));
    assertEquals(List.of(), servers.pending(List.of(TRACKER, WIKI)));
    assertEquals(List.of(SEARCH), servers.tools(TRACKER));
    assertEquals(List.of(), servers.tools(WIKI));
  }

  @Test
  void a_server_whose_url_changed_is_another_one() {
    McpServers servers =
        McpServers.NONE.with("tracker", new McpServers.Settled(WIKI.url(), List.of(SEARCH)));

    assertEquals(List.of(TRACKER), servers.pending(List.of(TRACKER)));
    assertTrue(servers.tools(TRACKER).isEmpty());
  }

  @Test
  void what_failed_is_tried_again_and_what_is_known_is_not() {
    McpServers servers =
        McpServers.NONE
            .with("tracker", new McpServers.Settled(TRACKER.url(), List.of()))
            .with("wiki", new McpServers.Settled(WIKI.url(), null))
            .retried();

    assertEquals(List.of(WIKI), servers.pending(List.of(TRACKER, WIKI)));
  }
}
