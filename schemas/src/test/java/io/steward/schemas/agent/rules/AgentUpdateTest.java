package io.steward.schemas.agent.rules;

import static io.steward.schemas.agent.rules.Samples.CATALOG;
import static io.steward.schemas.agent.rules.Samples.LATER;
import static io.steward.schemas.agent.rules.Samples.NOW;
import static io.steward.schemas.agent.rules.Samples.agent;
import static io.steward.schemas.agent.rules.Samples.body;
import static io.steward.schemas.agent.rules.Samples.refusal;
import static io.steward.schemas.agent.rules.Samples.tree;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.agent.Agent;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.json.Json;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class AgentUpdateTest {
  private static final String RICH =
      "'description':'d','system':'s','metadata':{'a':'1','b':'2'},"
          + "'model':{'id':'m','effort':'low','inference_geo':'us','speed':'fast'},"
          + "'tools':[{'type':'mcp_toolset','mcp_server_name':'w'},"
          + "{'type':'custom','name':'t','description':'d','input_schema':"
          + "{'type':'object','x':1.50,'y':10000000000}}],"
          + "'mcp_servers':[{'type':'url','name':'w','url':'https://w'}],"
          + "'skills':[{'type':'custom','skill_id':'k'}]";

  /// As the store gives it: written and read again.
  private static Agent rich() {
    return Json.read(Json.bytes(agent(RICH)), Agent.class);
  }

  private static Agent update(Agent agent, String patch) {
    return AgentRules.update(agent, body(patch), LATER, AgentLookup.NONE, CATALOG);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{'version':1}",
        "{'version':null}",
        "{'name':'Coder','unknown':5}",
        "{'metadata':null}",
        "{'metadata':{'a':'1','gone':null}}",
        "{'model':{'id':'m','inference_geo':'us','speed':'fast'}}",
        "{'model':{'id':'m','effort':{'type':'low'},'inference_geo':'us','speed':'fast'}}",
        "{" + RICH + "}"
      })
  void a_patch_that_changes_nothing_gives_the_same_version(String patch) {
    Agent agent = rich();

    assertSame(agent, update(agent, patch));
  }

  static Stream<Arguments> changes() {
    return Stream.of(
        Arguments.of("{'name':'New'}", "name", "'New'"),
        Arguments.of("{'description':null}", "description", "null"),
        Arguments.of("{'description':''}", "description", "null"),
        Arguments.of("{'system':''}", "system", "null"),
        Arguments.of("{'skills':null}", "skills", "[]"),
        Arguments.of("{'tools':[],'mcp_servers':null}", "mcp_servers", "[]"),
        Arguments.of("{'metadata':{'a':null,'c':'3'}}", "metadata", "{'b':'2','c':'3'}"),
        Arguments.of("{'metadata':{'a':''}}", "metadata", "{'a':'','b':'2'}"),
        Arguments.of(
            "{'model':'m'}", "model", "{'id':'m','effort':{'type':'low'},'speed':'standard'}"),
        Arguments.of(
            "{'model':'n'}", "model", "{'id':'n','effort':{'type':'high'},'speed':'standard'}"),
        Arguments.of(
            "{'model':{'id':'m','effort':null}}",
            "model",
            "{'id':'m','effort':{'type':'high'},'speed':'standard'}"));
  }

  @ParameterizedTest
  @MethodSource("changes")
  void a_change_makes_the_next_version(String patch, String field, String expected) {
    Agent updated = update(rich(), patch);

    assertEquals(2, updated.version());
    assertEquals(NOW, updated.createdAt());
    assertEquals(LATER, updated.updatedAt());
    assertEquals(body("{'v':" + expected + "}").get("v"), tree(updated).get(field));
  }

  static Stream<Arguments> refused() {
    return Stream.of(
        Arguments.of("{'version':0}", "`version` is 0"),
        Arguments.of("{'version':'1'}", "`version` is \"1\""),
        Arguments.of("{'version':1.0}", "`version` is 1.0"),
        Arguments.of("{'name':null}", "`name` is null"),
        Arguments.of("{'name':''}", "`name` has 0 characters"),
        Arguments.of("{'model':null}", "`model` is null"),
        Arguments.of("{'tools':[]}", "no mcp_toolset"),
        Arguments.of("{'mcp_servers':[]}", "no such server"));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void a_broken_rule_is_named(String patch, String sentence) {
    ApiError error = refusal(() -> update(rich(), patch));

    assertEquals(400, error.status());
    assertTrue(error.message().contains(sentence), error.message());
  }

  @Test
  void another_version_is_a_conflict_even_if_nothing_would_change() {
    ApiError error = refusal(() -> update(rich(), "{'version':2}"));

    assertEquals(409, error.status());
    assertEquals("conflict_error", error.type());
  }

  @Test
  void an_archived_agent_is_read_only() {
    ApiError error = refusal(() -> update(rich().withArchivedAt(NOW), "{}"));

    assertEquals(400, error.status());
  }

  @Test
  void the_resulting_metadata_keeps_the_limit() {
    StringBuilder pairs = new StringBuilder("{'metadata':{'a':null");
    for (int i = 0; i < 16; i++) {
      pairs.append(",'k").append(i).append("':'v'");
    }

    ApiError error = refusal(() -> update(rich(), pairs + "}}"));

    assertEquals("invalid_metadata", error.code());
  }
}
