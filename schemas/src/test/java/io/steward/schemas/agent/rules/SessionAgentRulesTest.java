package io.steward.schemas.agent.rules;

import static io.steward.schemas.agent.rules.Samples.agent;
import static io.steward.schemas.agent.rules.Samples.body;
import static io.steward.schemas.agent.rules.Samples.refusal;
import static io.steward.schemas.agent.rules.Samples.tree;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.agent.SessionAgent;
import io.steward.schemas.agent.rules.SessionAgentRules.Selection;
import io.steward.schemas.http.ApiError;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SessionAgentRulesTest {
  private static final SessionAgent BASE =
      SessionAgent.of(
          agent(
              "'system':'s','model':{'id':'m','effort':'low','inference_geo':'us'},"
                  + "'tools':[{'type':'agent_toolset_20260401'},"
                  + "{'type':'mcp_toolset','mcp_server_name':'w'}],"
                  + "'mcp_servers':[{'type':'url','name':'w','url':'https://w'}],"
                  + "'skills':[{'type':'anthropic','skill_id':'xlsx'}]"));

  private static SessionAgent override(String json) {
    return SessionAgentRules.withOverrides(BASE, body(json));
  }

  @Test
  void an_agent_is_named_by_id_or_reference() {
    assertEquals(
        new Selection("agent_1", null, null),
        SessionAgentRules.selection(body("{'agent':'agent_1'}")));
    assertEquals(
        new Selection("agent_1", 3, null),
        SessionAgentRules.selection(
            body("{'agent':{'type':'agent','id':'agent_1','version':3,'system':'ignored'}}")));
  }

  @Test
  void overrides_come_with_the_reference() {
    Selection selection =
        SessionAgentRules.selection(
            body("{'agent':{'type':'agent_with_overrides','id':'agent_1','system':'x'}}"));

    assertEquals("x", Objects.requireNonNull(selection.overrides()).get("system").asText());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{'agent':null}",
        "{'agent':5}",
        "{'agent':''}",
        "{'agent':{'id':'agent_1'}}",
        "{'agent':{'type':'agent'}}",
        "{'agent':{'type':'agent','id':'a','version':0}}",
        "{'agent':{'type':'bot','id':'a'}}"
      })
  void anything_else_names_no_agent(String json) {
    assertEquals(400, refusal(() -> SessionAgentRules.selection(body(json))).status());
  }

  static Stream<Arguments> overrides() {
    return Stream.of(
        Arguments.of("{}", "system", "'s'"),
        Arguments.of("{'system':null}", "system", "null"),
        Arguments.of("{'system':'t'}", "system", "'t'"),
        Arguments.of(
            "{'model':{'id':'n','effort':'max'}}",
            "model",
            "{'id':'n','effort':{'type':'high'},'speed':'standard'}"),
        Arguments.of(
            "{'model':'m'}", "model", "{'id':'m','effort':{'type':'high'},'speed':'standard'}"),
        Arguments.of("{'skills':null}", "skills", "[]"),
        Arguments.of("{'tools':null,'skills':[]}", "tools", "[]"),
        Arguments.of("{'name':'Other'}", "name", "'Coder'"));
  }

  @ParameterizedTest
  @MethodSource("overrides")
  void an_override_replaces_its_field_only(String json, String field, String expected) {
    SessionAgent overridden = override(json);

    assertEquals(body("{'v':" + expected + "}").get("v"), tree(overridden).get(field));
    assertEquals(1, overridden.version());
  }

  static Stream<Arguments> refused() {
    return Stream.of(
        Arguments.of("{'tools':null}", "skills need"),
        Arguments.of("{'tools':[]}", "skills need"),
        Arguments.of(
            "{'tools':[{'type':'agent_toolset_20260401',"
                + "'configs':[{'name':'read','enabled':false}]}]}",
            "skills need"),
        Arguments.of("{'mcp_servers':null}", "no such server"),
        Arguments.of(
            "{'mcp_servers':[{'type':'url','name':'w','url':'https://w'},"
                + "{'type':'url','name':'v','url':'https://v'}]}",
            "no mcp_toolset"),
        Arguments.of("{'system':5}", "`agent.system` is 5"),
        Arguments.of("{'tools':[{'type':'x'}]}", "`agent.tools.0.type` is \"x\""));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void an_override_that_breaks_a_rule_is_named(String json, String sentence) {
    ApiError error = refusal(() -> override(json));

    assertEquals(400, error.status());
    assertTrue(error.message().contains(sentence), error.message());
  }

  @Test
  void the_model_cannot_be_taken_away() {
    assertEquals("agent_model_required", refusal(() -> override("{'model':null}")).code());
  }

  @Test
  void an_update_of_tools_changes_nothing_else() {
    SessionAgent changed =
        SessionAgentRules.withTools(
            BASE,
            body("{'tools':[{'type':'agent_toolset_20260401'}],'mcp_servers':[],'system':'x'}"));

    assertEquals(1, changed.tools().size());
    assertEquals("s", changed.system());
  }

  @Test
  void an_update_that_changes_nothing_gives_the_same_agent() {
    assertSame(BASE, SessionAgentRules.withTools(BASE, body("{}")));
    assertNull(refusal(() -> SessionAgentRules.withTools(BASE, body("{'tools':[]}"))).code());
  }
}
