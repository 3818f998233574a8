package io.steward.sessionlog.create;

import static io.steward.sessionlog.Samples.ID;
import static io.steward.sessionlog.Samples.MODELS;
import static io.steward.sessionlog.Samples.T0;
import static io.steward.sessionlog.Samples.agent;
import static io.steward.sessionlog.Samples.environment;
import static io.steward.sessionlog.Samples.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.agent.Agent;
import io.steward.schemas.agent.Environment;
import io.steward.schemas.agent.SessionAgent;
import io.steward.schemas.agent.rules.AgentLookup;
import io.steward.schemas.agent.rules.AgentRules;
import io.steward.schemas.agent.rules.EnvironmentRules;
import io.steward.schemas.agent.rules.SessionAgentRules;
import io.steward.schemas.event.Budget;
import io.steward.schemas.event.Money;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.model.CatalogException;
import io.steward.schemas.model.ModelCatalog;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.vault.VaultHead;
import io.steward.sessionlog.resource.ResourceParser;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SessionPlannerTest {
  private static final String CENTS =
      "'budget':{'type':'limit','max_list_cost':{'amount':'999999999999999','currency':'USD'}}";
  private static final Map<String, Agent> AGENTS =
      Map.of(
          "agent_01A",
          agent(),
          "agent_old",
          agent().withArchivedAt(T0),
          "agent_team",
          AgentRules.create(
              json(
                  "{'name':'T','model':'m','multiagent':{'type':'coordinator','agents':["
                      + "{'type':'agent','id':'agent_free','version':1}]}}"),
              "agent_team",
              T0,
              (_, _) -> Optional.of(free()),
              MODELS),
          "agent_free",
          free(),
          "agent_lead",
          AgentRules.create(
              json(
                  "{'name':'L','model':'m','multiagent':{'type':'coordinator','agents':["
                      + "{'type':'agent','id':'agent_mcp','version':1}]}}"),
              "agent_lead",
              T0,
              (_, _) -> Optional.of(withServer()),
              MODELS),
          "agent_mcp",
          withServer());
  private static final Map<String, Environment> ENVIRONMENTS =
      Map.of(
          "env_01A",
          environment(),
          "env_old",
          environment().archived(T0),
          "env_own",
          EnvironmentRules.create(
              json("{'name':'own','config':{'type':'self_hosted'}}"), "env_own", T0),
          "env_narrow",
          limited("other.com"));
  private static final Map<String, VaultHead> VAULTS =
      Map.of(
          "vlt_1",
          new VaultHead("vlt_1", "wrkspc_default", null, null),
          "vlt_2",
          new VaultHead("vlt_2", "wrkspc_default", null, null),
          "vlt_old",
          new VaultHead("vlt_old", "wrkspc_default", T0, null));

  private final SessionPlanner planner =
      new SessionPlanner(
          (id, version) ->
              Optional.ofNullable(AGENTS.get(id))
                  .filter(agent -> version == null || version == agent.version()),
          id -> Optional.ofNullable(ENVIRONMENTS.get(id)),
          id -> Optional.ofNullable(VAULTS.get(id)),
          MODELS,
          ResourceParser.of(List.of("github.com")));

  @Test
  void the_record_holds_the_session_with_all_it_was_resolved_to() {
    SessionRecord.Created created = created("'agent':'agent_01A','title':'t','metadata':{'a':'1'}");

    assertEquals(SessionAgent.of(agent()), created.agent());
    assertEquals("cloud", created.environment().config().path("type").asText());
    assertEquals("t", created.title());
  }

  @Test
  void overrides_change_the_snapshot_and_not_its_id() {
    SessionRecord.Created created =
        created("'agent':{'type':'agent_with_overrides','id':'agent_01A','system':'Be brief.'}");

    assertEquals("Be brief.", created.agent().system());
    assertEquals("agent_01A", created.agent().id());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "'agent':'agent_x' | 404 | no agent agent_x",
        "'agent':{'type':'agent','id':'agent_01A','version':9} | 404 | version 9",
        "'agent':'agent_old' | 400 | archived",
        "'agent':'agent_01A','vault_ids':['vlt_1','vlt_x'] | 404 | `vault_ids[1]` is \"vlt_x\", but there is no such vault",
        "'agent':'agent_01A','vault_ids':['vlt_old'] | 400 | `vault_ids[0]` is \"vlt_old\", but this vault is archived",
        "'agent':'agent_01A','vault_ids':['vlt_1','vlt_2','vlt_1'] | 400 | `vault_ids[2]` is \"vlt_1\", but `vault_ids[0]` is the same",
        "'agent':'agent_01A','vault_ids':'vlt_1' | 400 | `vault_ids` is \"vlt_1\", but must be an array",
        "'agent':'agent_01A','vault_ids':['vlt_1',5] | 400 | `vault_ids[1]` is 5, but must be a string",
        "'agent':'agent_01A','vault_ids':[null] | 400 | `vault_ids[0]` is null, but must be a string",
        "'agent':'agent_01A','vault_ids':[''] | 400 | `vault_ids[0]` has 0 characters",
        "'agent':'agent_01A','resources':[{}] | 400 | `resources[0].type` is missing",
        "'agent':'agent_01A','resources':{} | 400 | must be an array",
        "'agent':'agent_01A','budget':{} | 400 | `budget.type` is missing",
        "'agent':'agent_01A','title':5 | 400 | title",
        "'agent':'agent_01A','initial_events':[{'type':'user.message'}] | 400 | initial_events[0].content"
      })
  void a_request_that_breaks_a_rule_is_refused(String fields, int status, String expected) {
    ApiException refused = assertThrows(ApiException.class, () -> created(fields));

    assertEquals(status, refused.error().status());
    assertTrue(refused.error().message().contains(expected), refused.error().message());
  }

  @Test
  void a_session_has_its_vaults_in_the_order_they_were_named() {
    assertEquals(
        List.of("vlt_2", "vlt_1"),
        created("'agent':'agent_01A','vault_ids':['vlt_2','vlt_1']").vaultIds());
    assertEquals(List.of(), created("'agent':'agent_01A','vault_ids':[]").vaultIds());
    assertEquals(List.of(), created("'agent':'agent_01A','vault_ids':null").vaultIds());
    assertEquals(List.of(), created("'agent':'agent_01A'").vaultIds());
  }

  @Test
  void a_session_has_no_more_vaults_than_the_limit() {
    String more =
        IntStream.rangeClosed(0, NamedVaults.VAULTS_MAX)
            .mapToObj(i -> "'vlt_" + i + "'")
            .collect(Collectors.joining(","));

    ApiException refused =
        assertThrows(
            ApiException.class, () -> created("'agent':'agent_01A','vault_ids':[" + more + "]"));

    assertEquals(400, refused.error().status());
    assertTrue(
        refused.error().message().contains("`vault_ids` has 101 entries"),
        refused.error().message());
  }

  @Test
  void an_environment_must_be_there_and_not_archived() {
    assertEquals(404, refusal("env_x"));
    assertEquals(400, refusal("env_old"));
  }

  @Test
  void a_limited_network_must_reach_the_mcp_servers_of_the_agent() {
    SessionAgent agent =
        SessionAgentRules.withOverrides(
            SessionAgent.of(agent()),
            json(
                "{'mcp_servers':[{'type':'url','name':'m','url':'https://mcp.example.com/x'}],"
                    + "'tools':[{'type':'mcp_toolset','mcp_server_name':'m'}]}"));

    assertThrows(
        ApiException.class, () -> EnvironmentFit.require(agent, limited("other.com").config()));
    EnvironmentFit.require(agent, limited("*.example.com").config());
    EnvironmentFit.require(agent, limited("mcp.example.com").config());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "'agent_mcp' | M",
        "'agent_lead' | M",
        "{'type':'agent_with_overrides','id':'agent_01A','mcp_servers':[{'type':'url','name':'m','url':'https://mcp.example.com'}],'tools':[{'type':'mcp_toolset','mcp_server_name':'m'}]} | Coder"
      })
  void a_server_beyond_the_limited_network_is_refused_whoever_declares_it(
      String agent, String declarer) {
    ApiException refused =
        assertThrows(
            ApiException.class,
            () -> planner.plan(json("{'environment_id':'env_narrow','agent':" + agent + "}")));

    assertEquals(400, refused.error().status());
    assertTrue(
        refused
            .error()
            .message()
            .contains(
                "`mcp_servers` of the agent \""
                    + declarer
                    + "\" has \"m\" at the host mcp.example.com"),
        refused.error().message());
  }

  private static Agent withServer() {
    return AgentRules.create(
        json(
            "{'name':'M','model':'m',"
                + "'mcp_servers':[{'type':'url','name':'m','url':'https://MCP.example.com/x'}],"
                + "'tools':[{'type':'mcp_toolset','mcp_server_name':'m'}]}"),
        "agent_mcp",
        T0,
        AgentLookup.NONE,
        MODELS);
  }

  private static Agent free() {
    return AgentRules.create(
        json("{'name':'F','model':'free'}"), "agent_free", T0, AgentLookup.NONE, MODELS);
  }

  private static Environment limited(String host) {
    return EnvironmentRules.create(
        json(
            "{'name':'l','config':{'type':'cloud','networking':{'type':'limited',"
                + "'allowed_hosts':['"
                + host
                + "']}}}"),
        "env_02",
        T0);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "{'type':'cap'} | `budget.type` is \"cap\"",
        "{'type':'limit'} | `budget.max_list_cost` is missing",
        "{'type':'limit','max_list_cost':{'amount':'1','currency':'EUR'}} | must be \"USD\"",
        "{'type':'limit','max_list_cost':{'amount':1,'currency':'USD'}} | must be a string",
        "{'type':'limit','max_list_cost':{'amount':'0','currency':'USD'}} | above 0",
        "{'type':'limit','max_list_cost':{'amount':'01','currency':'USD'}} | leading zeros",
        "{'type':'limit','max_list_cost':{'amount':'1.5','currency':'USD'}} | whole cents",
        "{'type':'limit','max_list_cost':{'amount':'-1','currency':'USD'}} | whole cents",
        "{'type':'limit','max_list_cost':{'amount':'1234567890123456','currency':'USD'}} | 15 digits"
      })
  void a_budget_is_whole_cents_of_dollars(String budget, String expected) {
    ApiException refused =
        assertThrows(ApiException.class, () -> created("'agent':'agent_01A','budget':" + budget));

    assertEquals(400, refused.error().status());
    assertTrue(refused.error().message().contains(expected), refused.error().message());
  }

  @Test
  void a_session_keeps_its_budget_and_the_prices_of_its_model() {
    SessionRecord.Created created = created("'agent':'agent_01A'," + CENTS);

    assertEquals(Budget.limit(new Money("999999999999999", Money.USD)), created.budget());
    assertEquals(MODELS.prices("m").orElseThrow(), created.prices());
  }

  @Test
  void a_model_without_list_prices_has_no_budget() {
    String other = "'agent':{'type':'agent_with_overrides','id':'agent_01A','model':'free'}";

    assertNull(created(other).prices());
    ApiException refused = assertThrows(ApiException.class, () -> created(other + "," + CENTS));
    assertEquals("model_not_budgetable", refused.error().code());
    assertTrue(refused.error().message().contains("free"), refused.error().message());
  }

  @Test
  void every_model_of_the_roster_needs_a_list_price_for_a_budget() {
    ApiException refused =
        assertThrows(ApiException.class, () -> created("'agent':'agent_team'," + CENTS));

    assertEquals("model_not_budgetable", refused.error().code());
    assertNotNull(created("'agent':'agent_team'").prices());
  }

  @Test
  void a_model_that_nobody_serves_is_refused() throws CatalogException {
    ModelCatalog narrow =
        ModelCatalog.parse(
            """
            providers: {a: {kind: anthropic}}
            active_hour: 0
            models:
              - {id: other, provider: a, context_window: 200000, output_tokens_max: 64000}
            """);
    SessionPlanner strict =
        new SessionPlanner(
            planner.agents(), planner.environments(), planner.vaults(), narrow, planner.parser());

    ApiException refused =
        assertThrows(
            ApiException.class,
            () -> strict.plan(json("{'agent':'agent_01A','environment_id':'env_01A'}")));

    assertEquals(400, refused.error().status());
    assertTrue(refused.error().message().contains("\"m\""), refused.error().message());
  }

  @Test
  void nothing_is_mounted_in_sandboxes_of_somebody_else() {
    String file = "'resources':[{'type':'file','file_id':'file_1'}]";

    ApiException refused =
        assertThrows(
            ApiException.class,
            () ->
                planner.plan(
                    json("{'agent':'agent_01A','environment_id':'env_own'," + file + "}")));

    assertEquals(400, refused.error().status());
    assertTrue(refused.error().message().contains("self-hosted"), refused.error().message());
    assertEquals(
        1,
        planner
            .plan(json("{'agent':'agent_01A','environment_id':'env_01A'," + file + "}"))
            .resources()
            .size());
  }

  private int refusal(String environmentId) {
    return assertThrows(
            ApiException.class,
            () ->
                planner.plan(
                    json("{'agent':'agent_01A','environment_id':'" + environmentId + "'}")))
        .error()
        .status();
  }

  private SessionRecord.Created created(String fields) {
    return planner
        .plan(json("{" + fields + ",'environment_id':'env_01A'}"))
        .created(ID, List.of(), Map.of(), T0);
  }
}
