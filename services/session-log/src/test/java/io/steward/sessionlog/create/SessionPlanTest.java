package io.steward.sessionlog.create;

import static io.steward.sessionlog.Samples.ID;
import static io.steward.sessionlog.Samples.T0;
import static io.steward.sessionlog.Samples.agent;
import static io.steward.sessionlog.Samples.environment;
import static io.steward.sessionlog.Samples.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.agent.Agent;
import io.steward.schemas.agent.Environment;
import io.steward.schemas.agent.SessionAgent;
import io.steward.schemas.agent.rules.EnvironmentRules;
import io.steward.schemas.agent.rules.SessionAgentRules;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.record.SessionRecord;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SessionPlanTest {
  private static final Map<String, Agent> AGENTS =
      Map.of("agent_01A", agent(), "agent_old", agent().withArchivedAt(T0));
  private static final Map<String, Environment> ENVIRONMENTS =
      Map.of("env_01A", environment(), "env_old", environment().archived(T0));

  private final SessionPlan plan =
      new SessionPlan(
          (id, version) ->
              Optional.ofNullable(AGENTS.get(id))
                  .filter(agent -> version == null || version == agent.version()),
          id -> Optional.ofNullable(ENVIRONMENTS.get(id)));

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
        "'agent':'agent_01A','vault_ids':['vlt_1'] | 404 | vlt_1",
        "'agent':'agent_01A','resources':[{}] | 400 | not supported",
        "'agent':'agent_01A','resources':{} | 400 | must be an array",
        "'agent':'agent_01A','budget':{} | 400 | not supported",
        "'agent':'agent_01A','title':5 | 400 | title",
        "'agent':'agent_01A','initial_events':[{'type':'user.message'}] | 400 | initial_events[0].content"
      })
  void a_request_that_breaks_a_rule_is_refused(String fields, int status, String expected) {
    ApiException refused = assertThrows(ApiException.class, () -> created(fields));

    assertEquals(status, refused.error().status());
    assertTrue(refused.error().message().contains(expected), refused.error().message());
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

  private int refusal(String environmentId) {
    return assertThrows(
            ApiException.class,
            () ->
                plan.created(
                    json("{'agent':'agent_01A','environment_id':'" + environmentId + "'}"), ID, T0))
        .error()
        .status();
  }

  private SessionRecord.Created created(String fields) {
    return plan.created(json("{" + fields + ",'environment_id':'env_01A'}"), ID, T0);
  }
}
