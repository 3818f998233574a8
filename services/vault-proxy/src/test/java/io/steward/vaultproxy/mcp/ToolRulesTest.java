package io.steward.vaultproxy.mcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.egress.McpTool;
import io.steward.schemas.egress.McpToolList;
import io.steward.schemas.json.Json;
import io.steward.vaultproxy.stage.McpSite;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ToolRulesTest {
  private static JsonNode tree(String json) {
    return Json.tree(McpSite.json(json).getBytes(StandardCharsets.UTF_8));
  }

  private static ToolRules rules(String... tools) {
    ToolRules rules = new ToolRules();
    for (String tool : tools) {
      rules.add(tree(tool));
    }
    return rules;
  }

  private static List<String> names(ToolRules rules) {
    return rules.tools().stream().map(McpTool::name).toList();
  }

  @Test
  void tools_keep_their_order_and_all_that_is_known_of_them() {
    ToolRules rules =
        rules(
            "{'name':'b','inputSchema':{'type':'object','properties':{'x':{'type':'number'}}}}",
            McpSite.tool("a"));
    assertEquals(List.of("b", "a"), names(rules));
    assertNull(rules.tools().getFirst().description());
    assertEquals("does a", rules.tools().getLast().description());
    assertEquals(
        tree("{'type':'object','properties':{'x':{'type':'number'}}}"),
        rules.tools().getFirst().inputSchema());
    assertEquals(0, rules.leftOut());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "{'inputSchema':{'type':'object'}}|its name has 0 characters, not 1 to 128",
        "{'name':7,'inputSchema':{'type':'object'}}|its name has 1 characters, not 1 to 128",
        "{'name':'x'}|its input schema is not of type object",
        "{'name':'x','inputSchema':{}}|its input schema is not of type object",
        "{'name':'x','inputSchema':{'type':'string'}}|its input schema is not of type object",
        "{'name':'ok','inputSchema':{'type':'object'}}|another one has its name",
        "'text'|its name has 0 characters, not 1 to 128"
      })
  void a_tool_that_cannot_be_offered_is_left_out_alone(String tool, String reason) {
    ToolRules rules = rules(McpSite.tool("ok"), tool, McpSite.tool("last"));
    assertEquals(List.of("ok", "last"), names(rules));
    assertEquals(1, rules.leftOut());
    assertEquals(reason, rules.firstReason());
  }

  @Test
  void a_name_of_10_000_characters_is_left_out() {
    ToolRules rules = rules(McpSite.tool("n".repeat(10_000)), McpSite.tool("n".repeat(128)));
    assertEquals(List.of("n".repeat(128)), names(rules));
    assertEquals("its name has 10000 characters, not 1 to 128", rules.firstReason());
  }

  @Test
  void a_schema_that_is_too_large_is_left_out_and_a_description_is_cut() {
    ToolRules rules =
        rules(
            "{'name':'large','inputSchema':{'type':'object','x':'"
                + "x".repeat(McpTool.SCHEMA_BYTES_MAX)
                + "'}}",
            "{'name':'long','description':'"
                + "d".repeat(McpTool.DESCRIPTION_CHARS_MAX - 1)
                + "\ud83d\ude00','inputSchema':{'type':'object'}}");
    assertEquals(List.of("long"), names(rules));
    assertEquals(
        "d".repeat(McpTool.DESCRIPTION_CHARS_MAX - 1), rules.tools().getFirst().description());
  }

  @Test
  void only_so_many_tools_of_a_server_are_offered() {
    ToolRules rules = new ToolRules();
    for (int i = 0; i <= McpToolList.TOOLS_MAX; i++) {
      rules.add(tree(McpSite.tool("t" + i)));
    }
    assertTrue(rules.isFull());
    assertEquals(McpToolList.TOOLS_MAX, rules.tools().size());
    assertEquals(1, rules.leftOut());
  }
}
