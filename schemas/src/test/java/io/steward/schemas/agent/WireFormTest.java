package io.steward.schemas.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.json.Json;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/// What is read from the wire form is written back as the very same JSON.
class WireFormTest {
  private static final String EVERYTHING =
      """
      {"id":"agent_01A","type":"agent","name":"Coder","description":null,"system":"Be brief.",
       "model":{"id":"big","effort":{"type":"high"},"inference_geo":"us","speed":"standard"},
       "tools":[
         {"type":"agent_toolset_20260401",
          "default_config":{"enabled":true,"permission_policy":{"type":"always_allow"}},
          "configs":[
            {"type":"bash","name":"bash","enabled":false,"permission_policy":{"type":"auto"}},
            {"type":"web_search","name":"web_search","enabled":true,
             "permission_policy":{"type":"always_ask"},"blocked_domains":["example.com/a"],
             "user_location":{"type":"approximate","country":"DE"}},
            {"type":"web_fetch","name":"web_fetch","enabled":false,
             "permission_policy":{"type":"always_allow"},"max_content_tokens":5,
             "url_sources":{"client_tool_results":{"type":"only",
                 "tools":[{"type":"tool_reference","name":"ask"}]},
               "server_tool_results":null,"user_input":{"type":"none"}}}]},
         {"type":"mcp_toolset","mcp_server_name":"wiki",
          "default_config":{"enabled":true,"permission_policy":{"type":"always_ask"}},
          "configs":[{"name":"find","enabled":false,"permission_policy":{"type":"always_ask"}}]},
         {"type":"custom","name":"ask","description":"Asks.",
          "input_schema":{"type":"object","properties":null,"x-more":[1,2.5]}}],
       "mcp_servers":[{"type":"url","name":"wiki","url":"https://wiki.example.com/mcp"}],
       "skills":[{"type":"anthropic","skill_id":"xlsx","version":"latest"}],
       "multiagent":%s,"execution_identity":{"type":"service_account"},"metadata":{"a":"b"},
       "version":3,"created_at":"2026-11-20T10:00:00.123Z","updated_at":"2026-11-20T10:00:01Z",
       "archived_at":null}
      """;

  private static void sameAgain(String json, Class<?> type) {
    JsonNode expected = Json.tree(json.getBytes(StandardCharsets.UTF_8));
    Object value = Json.read(Json.bytes(expected), type);
    assertEquals(expected, Json.tree(Json.bytes(value)));
  }

  @Test
  void an_agent_with_everything_keeps_its_form() {
    sameAgain(EVERYTHING.formatted("null"), Agent.class);
  }

  @Test
  void a_coordinator_keeps_its_form() {
    String roster =
        """
        {"type":"coordinator","agents":[{"type":"agent","id":"agent_01B","version":2},
         {"type":"advisor","model":"m"}]}\
        """;
    sameAgain(EVERYTHING.formatted(roster), Agent.class);
  }

  @Test
  void a_delegation_keeps_its_form() {
    String roster =
        """
        {"type":"multiagent_20261001","advisor":{"type":"enabled","model":"m"},
         "subagents":{"type":"enabled","inline_agents":{"type":"disabled"},
           "predefined_agents":[{"type":"agent","id":"agent_01B","version":2}]},
         "workflows":{"type":"disabled"}}\
        """;
    sameAgain(EVERYTHING.formatted(roster), Agent.class);
  }

  @Test
  void a_session_agent_keeps_the_snapshots_of_its_roster() {
    String thread =
        """
        {"id":"agent_01B","type":"agent","version":1,"name":"Helper","description":null,
         "system":null,"model":{"id":"m","effort":{"type":"low"},"speed":"fast"},"tools":[],
         "mcp_servers":[],"skills":[],"execution_identity":{"type":"service_account"}}\
        """;
    String session =
        """
        {"id":"agent_01A","type":"agent","version":1,"name":"Coder","description":"d",
         "system":null,"model":{"id":"m","effort":{"type":"low"},"speed":"fast"},"tools":[],
         "mcp_servers":[],"skills":[],"multiagent":%s,
         "execution_identity":{"type":"service_account"}}\
        """;
    sameAgain(session.formatted("null"), SessionAgent.class);
    sameAgain(
        session.formatted("{\"type\":\"coordinator\",\"agents\":[" + thread + "]}"),
        SessionAgent.class);
    sameAgain(
        session.formatted(
            """
            {"type":"multiagent_20261001","advisor":{"type":"disabled"},
             "subagents":{"type":"enabled","inline_agents":{"type":"enabled"},
               "predefined_agents":[%s]},
             "workflows":{"type":"disabled"}}\
            """
                .formatted(thread)),
        SessionAgent.class);
  }

  @Test
  void environments_keep_their_form() {
    String environment =
        """
        {"id":"env_01A","type":"environment","name":"lab","description":null,"config":%s,
         "metadata":{},"scope":"organization","created_at":"2026-11-20T10:00:00Z",
         "updated_at":"2026-11-20T10:00:00Z","archived_at":null}\
        """;
    String cloud =
        """
        {"type":"cloud","networking":%s,"packages":{"type":"packages","apt":["jq"],"cargo":[],
         "gem":[],"go":[],"npm":[],"pip":["numpy==2"]}}\
        """;
    String limited =
        """
        {"type":"limited","allowed_hosts":["*.example.com"],"allow_mcp_servers":false,
         "allow_package_managers":true}\
        """;
    sameAgain(environment.formatted("{\"type\":\"self_hosted\"}"), Environment.class);
    sameAgain(
        environment.formatted(cloud.formatted("{\"type\":\"unrestricted\"}")), Environment.class);
    sameAgain(environment.formatted(cloud.formatted(limited)), Environment.class);
  }
}
