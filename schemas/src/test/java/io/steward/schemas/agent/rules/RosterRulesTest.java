package io.steward.schemas.agent.rules;

import static io.steward.schemas.agent.rules.Samples.CATALOG;
import static io.steward.schemas.agent.rules.Samples.LATER;
import static io.steward.schemas.agent.rules.Samples.agent;
import static io.steward.schemas.agent.rules.Samples.body;
import static io.steward.schemas.agent.rules.Samples.lookup;
import static io.steward.schemas.agent.rules.Samples.refusal;
import static io.steward.schemas.agent.rules.Samples.tree;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.agent.Agent;
import io.steward.schemas.agent.SessionAgent;
import io.steward.schemas.agent.ThreadAgent;
import io.steward.schemas.http.ApiError;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RosterRulesTest {
  private static final Agent HELPER = agent("agent_h", "", AgentLookup.NONE);
  private static final Agent OTHER = agent("agent_o", "", AgentLookup.NONE);
  private static final Agent ARCHIVED =
      agent("agent_a", "", AgentLookup.NONE).withArchivedAt(LATER);
  private static final Agent PINNED =
      agent("agent_p", "'model':{'id':'m','inference_geo':'us'}", AgentLookup.NONE);
  private static final Agent LEADER =
      agent("agent_l", "'multiagent':{'type':'coordinator','agents':['agent_h']}", lookup(HELPER));
  private static final AgentLookup KNOWN = lookup(HELPER, OTHER, ARCHIVED, PINNED, LEADER);
  private static final String ON = "{'type':'enabled'}";

  private static Agent create(String multiagent) {
    return agent("agent_self", "'multiagent':" + multiagent, KNOWN);
  }

  private static Agent update(Agent agent, String multiagent) {
    return AgentRules.update(
        agent, body("{'multiagent':" + multiagent + "}"), LATER, KNOWN, CATALOG);
  }

  private static String delegation(String advisor, String subagents, String workflows) {
    return "{'type':'multiagent_20261001','advisor':"
        + advisor
        + ",'subagents':"
        + subagents
        + ",'workflows':"
        + workflows
        + "}";
  }

  private static String delegates(String... members) {
    return "{'type':'enabled','inline_agents':"
        + ON
        + ",'predefined_agents':["
        + String.join(",", members)
        + "]}";
  }

  private static String pin(String id, int version) {
    return "{'type':'agent','id':'" + id + "','version':" + version + "}";
  }

  static Stream<Arguments> accepted() {
    String off = "{'type':'disabled'}";
    return Stream.of(
        Arguments.of(
            "{'type':'coordinator','agents':[{'type':'advisor','model':'big'},'agent_h',"
                + "{'type':'agent','id':'agent_o','version':1},{'type':'self'}]}",
            "{'type':'coordinator','agents':["
                + String.join(",", pin("agent_h", 1), pin("agent_o", 1), pin("agent_self", 1))
                + ",{'type':'advisor','model':'big'}]}"),
        Arguments.of("{'type':'multiagent_20261001'}", delegation(off, delegates(), delegates())),
        Arguments.of(
            "{'type':'multiagent_20261001','advisor':null,'subagents':null,'workflows':null}",
            delegation(off, delegates(), delegates())),
        Arguments.of(
            "{'type':'multiagent_20261001','advisor':{'type':'enabled','model':'big'},"
                + "'subagents':{'type':'enabled','inline_agents':{'type':'disabled'},"
                + "'predefined_agents':['agent_h']},'workflows':{'type':'disabled'}}",
            delegation(
                "{'type':'enabled','model':'big'}",
                "{'type':'enabled','inline_agents':{'type':'disabled'},'predefined_agents':["
                    + pin("agent_h", 1)
                    + "]}",
                off)));
  }

  @ParameterizedTest
  @MethodSource("accepted")
  void a_roster_is_pinned_and_filled_in(String multiagent, String expected) {
    assertEquals(body(expected), tree(create(multiagent)).get("multiagent"));
  }

  private static String coordinator(String agents) {
    return "{'type':'coordinator','agents':[" + agents + "]}";
  }

  static Stream<Arguments> refused() {
    String predefined = "{'type':'multiagent_20261001','subagents':{'type':'enabled',";
    return Stream.of(
        Arguments.of("{}", "`multiagent.type` is missing"),
        Arguments.of("{'type':'swarm'}", "`multiagent.type` is \"swarm\""),
        Arguments.of("5", "`multiagent` is 5"),
        Arguments.of(coordinator(""), "1 to 20 entries"),
        Arguments.of("{'type':'coordinator'}", "1 to 20 entries"),
        Arguments.of(coordinator("1"), "`multiagent.agents.0` is 1"),
        Arguments.of(coordinator("'agent_x'"), "no agent has that id"),
        Arguments.of(
            coordinator("{'type':'agent','id':'agent_h','version':2}"), "it has no version 2"),
        Arguments.of(
            coordinator("{'type':'agent','id':'agent_h','version':0}"),
            "`multiagent.agents.0.version` is 0"),
        Arguments.of(coordinator("'agent_a'"), "that agent is archived"),
        Arguments.of(coordinator("'agent_l'"), "has a `multiagent` of its own"),
        Arguments.of(coordinator("'agent_p'"), "the same `model.inference_geo`"),
        Arguments.of(coordinator("'agent_h','agent_h'"), "twice"),
        Arguments.of(coordinator("{'type':'self'},{'type':'self'}"), "twice"),
        Arguments.of(
            coordinator("{'type':'advisor','model':'a'},{'type':'advisor','model':'b'}"),
            "at most one advisor"),
        Arguments.of(coordinator("{'type':'advisor'}"), "`multiagent.agents.0.model` is missing"),
        Arguments.of(
            coordinator(String.join(",", Collections.nCopies(21, "'agent_h'"))), "21 entries"),
        Arguments.of(
            "{'type':'multiagent_20261001','advisor':{'type':'enabled'}}",
            "`multiagent.advisor.model` is missing"),
        Arguments.of(
            "{'type':'multiagent_20261001','advisor':{'model':'m'}}",
            "`multiagent.advisor.type` is missing"),
        Arguments.of(
            predefined + "'inline_agents':{'type':'disabled'}}}",
            "must have an agent when `inline_agents` is disabled"),
        Arguments.of(
            predefined + "'predefined_agents':[{'type':'advisor','model':'m'}]}}",
            "predefined_agents.0.type` is \"advisor\""),
        Arguments.of(predefined + "'predefined_agents':['agent_h','agent_h']}}", "twice"));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void a_broken_rule_is_named(String multiagent, String sentence) {
    ApiError error = refusal(() -> create(multiagent));

    assertEquals(400, error.status());
    assertTrue(error.message().contains(sentence), error.message());
  }

  @Test
  void self_moves_with_the_version_and_is_no_change_alone() {
    Agent agent = create(coordinator("{'type':'self'}"));

    Agent same = update(agent, coordinator("{'type':'self'}"));
    Agent echoed = update(agent, coordinator(pin("agent_self", 1)));
    Agent renamed = AgentRules.update(agent, body("{'name':'New'}"), LATER, KNOWN, CATALOG);

    assertSame(agent, same);
    assertSame(agent, echoed);
    assertEquals(body(coordinator(pin("agent_self", 2))), tree(renamed).get("multiagent"));
  }

  @Test
  void the_newer_form_is_merged_level_by_level() {
    Agent agent =
        create(
            "{'type':'multiagent_20261001','advisor':{'type':'enabled','model':'big'},"
                + "'subagents':{'type':'enabled','predefined_agents':['agent_h']},"
                + "'workflows':{'type':'disabled'}}");

    Agent updated =
        update(
            agent,
            "{'type':'multiagent_20261001','advisor':null,"
                + "'subagents':{'type':'enabled','inline_agents':{'type':'disabled'}},"
                + "'workflows':{'type':'enabled','predefined_agents':['agent_o']}}");

    assertEquals(
        body(
            delegation(
                "{'type':'disabled'}",
                "{'type':'enabled','inline_agents':{'type':'disabled'},'predefined_agents':["
                    + pin("agent_h", 1)
                    + "]}",
                delegates(pin("agent_o", 1)))),
        tree(updated).get("multiagent"));
  }

  @Test
  void an_update_that_sends_no_list_keeps_the_pins_of_agents_that_are_archived_since() {
    Agent agent = create(coordinator("'agent_h'"));
    AgentLookup since = lookup(HELPER.withArchivedAt(LATER));

    Agent updated = AgentRules.update(agent, body("{'name':'New'}"), LATER, since, CATALOG);

    assertEquals(agent.multiagent(), updated.multiagent());
  }

  @Test
  void another_form_or_null_replaces_the_roster() {
    Agent agent = create(coordinator("'agent_h'"));

    assertEquals(
        body(delegation("{'type':'disabled'}", delegates(), delegates())),
        tree(update(agent, "{'type':'multiagent_20261001'}")).get("multiagent"));
    assertTrue(tree(update(agent, "null")).get("multiagent").isNull());
  }

  @Test
  void a_model_in_another_place_than_the_rosters_is_refused() {
    Agent agent = create(coordinator("'agent_h'"));

    ApiError error =
        refusal(() ->
            AgentRules.update(
                agent, body("{'model':{'id':'m','inference_geo':'us'}}"), LATER, KNOWN, CATALOG));

    assertTrue(error.message().contains("agent_h has none, this agent us"), error.message());
  }

  @Test
  void everything_the_rules_look_up_is_announced() {
    Agent agent = create(coordinator("'agent_h'"));

    List<AgentLookup.Wanted> wanted =
        AgentRules.references(
            body(
                "{'multiagent':{'agents':['agent_o',5,{'id':'agent_p','version':3}],"
                    + "'subagents':{'predefined_agents':['agent_o']}}}"),
            agent);

    assertEquals(
        List.of(
            new AgentLookup.Wanted("agent_h", 1),
            new AgentLookup.Wanted("agent_o", null),
            new AgentLookup.Wanted("agent_p", 3)),
        wanted);
  }

  @Test
  void a_session_has_snapshots_and_its_overrides_reach_the_copies_of_the_agent() {
    Agent agent = create(coordinator("'agent_h',{'type':'self'}"));
    SessionAgent base = SessionAgent.of(agent, reference -> HELPER);

    SessionAgent overridden = SessionAgentRules.withOverrides(base, body("{'system':'Only now.'}"));

    List<String> systems =
        Objects.requireNonNull(overridden.multiagent()).members().stream()
            .map(member -> String.valueOf(((ThreadAgent) member).system()))
            .toList();
    assertEquals(List.of("null", "Only now."), systems);
  }
}
