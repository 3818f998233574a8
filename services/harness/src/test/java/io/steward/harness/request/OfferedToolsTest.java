package io.steward.harness.request;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.steward.harness.stage.Sessions;
import io.steward.schemas.agent.AgentTool;
import io.steward.schemas.agent.McpServer;
import io.steward.schemas.agent.PermissionPolicy;
import io.steward.schemas.egress.McpTool;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import io.steward.schemas.record.LoggedRecord;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.session.Session;
import io.steward.schemas.session.SessionFacts;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OfferedToolsTest {
  private static final McpServer TRACKER = new McpServer("tracker", "https://mcp.example.com/mcp");
  private static final SessionId ID = new SessionId("sesn_011111111111111111111111");

  @Test
  void tools_of_a_server_are_offered_under_a_name_that_says_whose_they_are() {
    OfferedTools offered =
        OfferedTools.of(
            facts(toolset(), tool("search", "{}"), tool("create", "{}")), Searcher.NOBODY);

    assertEquals(List.of("mcp__tracker__create", "mcp__tracker__search"), names(offered));
    assertEquals(
        Optional.of(new OfferedTools.McpCall("tracker", "search")),
        offered.mcpTool("mcp__tracker__search"));
    assertEquals(
        Optional.of(new PermissionPolicy.AlwaysAsk()), offered.policy("mcp__tracker__search"));
    assertFalse(offered.isCustom("mcp__tracker__search"));
  }

  @Test
  void a_server_that_has_not_told_its_tools_offers_none() {
    assertTrue(names(OfferedTools.of(created(toolset()), Searcher.NOBODY)).isEmpty());
  }

  @Test
  void a_tool_that_is_switched_off_is_not_offered() {
    AgentTool toolset =
        new AgentTool.McpToolset(
            "tracker",
            new AgentTool.DefaultConfig(true, new PermissionPolicy.AlwaysAsk()),
            List.of(
                new AgentTool.McpToolConfig("create", false, new PermissionPolicy.AlwaysAsk()),
                new AgentTool.McpToolConfig("search", true, new PermissionPolicy.AlwaysAllow())));

    OfferedTools offered =
        OfferedTools.of(
            facts(toolset, tool("search", "{}"), tool("create", "{}")), Searcher.NOBODY);

    assertEquals(List.of("mcp__tracker__search"), names(offered));
    assertEquals(
        Optional.of(new PermissionPolicy.AlwaysAllow()), offered.policy("mcp__tracker__search"));
  }

  @Test
  void a_search_is_offered_when_somebody_searches() {
    SessionFacts allowed = created(Sessions.toolset(new PermissionPolicy.AlwaysAllow()));

    assertFalse(names(OfferedTools.of(allowed, Searcher.NOBODY)).contains("web_search"));
    for (Searcher searcher : List.of(Searcher.VAULT_PROXY, Searcher.PROVIDER)) {
      OfferedTools offered = OfferedTools.of(allowed, searcher);
      assertTrue(names(offered).contains("web_search"));
      assertEquals(Optional.of(new PermissionPolicy.AlwaysAllow()), offered.policy("web_search"));
    }
  }

  @Test
  void a_name_no_provider_takes_gets_a_digest() {
    String spaced = McpNames.of("my tracker", "search", Set.of());
    String dotted = McpNames.of("my.tracker", "search", Set.of());
    String longest = McpNames.of("tracker", "x".repeat(128), Set.of());

    assertTrue(spaced.matches("mcp__my_tracker__search_[1-9A-HJ-NP-Za-km-z]{10}"), spaced);
    assertNotEquals(spaced, dotted);
    assertEquals(McpNames.CHARS_MAX, longest.length());
    assertEquals("mcp__tracker__" + "x".repeat(39) + "_", longest.substring(0, 54));
  }

  @Test
  void two_servers_never_share_a_name() {
    String first = McpNames.of("a__b", "c", Set.of());

    assertEquals("mcp__a__b__c", first);
    assertNotEquals(first, McpNames.of("a", "b__c", Set.of(first)));
  }

  @Test
  void a_schema_is_offered_as_providers_take_it() {
    OfferedTools offered =
        OfferedTools.of(
            facts(
                toolset(),
                tool(
                    "search",
                    "{'$schema':'x','anyOf':[{}],'type':'object',"
                        + "'properties':{'q':{'anyOf':[{'type':'string'}]}}}"),
                tool("odd", "{'type':'object','properties':{'bad name':{}}}"),
                tool("bare", "{'properties':7}")),
            Searcher.NOBODY);

    assertEquals(List.of("mcp__tracker__bare", "mcp__tracker__search"), names(offered));
    assertEquals(json("{'type':'object'}"), offered.definitions().get(0).path("input_schema"));
    assertEquals(
        json("{'type':'object','properties':{'q':{'anyOf':[{'type':'string'}]}}}"),
        offered.definitions().get(1).path("input_schema"));
  }

  private static AgentTool toolset() {
    return Sessions.mcpToolset("tracker", new PermissionPolicy.AlwaysAsk());
  }

  private static McpTool tool(String name, String schema) {
    return new McpTool(name, null, (ObjectNode) json(schema));
  }

  private static JsonNode json(String text) {
    return Json.read(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8), JsonNode.class);
  }

  private static SessionFacts created(AgentTool toolset) {
    return session(toolset).known().orElseThrow();
  }

  private static SessionFacts facts(AgentTool toolset, McpTool... tools) {
    return session(toolset)
        .apply(
            record(
                1,
                new SessionRecord.McpServerSettled(TRACKER.name(), TRACKER.url(), List.of(tools))))
        .known()
        .orElseThrow();
  }

  private static Session session(AgentTool toolset) {
    return Session.ABSENT.apply(
        record(
            0,
            Sessions.created(
                ID, "cloud", "small", List.of(toolset), List.of(TRACKER), List.of(), null)));
  }

  private static LoggedRecord record(long offset, SessionRecord body) {
    return new LoggedRecord(ID, "rec_" + offset, offset, Instant.EPOCH, body);
  }

  private static List<String> names(OfferedTools offered) {
    List<String> names = new ArrayList<>();
    offered.definitions().forEach(tool -> names.add(tool.path("name").asText()));
    return names;
  }
}
