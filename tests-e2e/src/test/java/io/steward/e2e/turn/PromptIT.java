package io.steward.e2e.turn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.anthropic.models.beta.agents.AgentUpdateParams;
import com.anthropic.models.beta.agents.BetaManagedAgentsModelConfigParams;
import com.anthropic.models.beta.sessions.BetaManagedAgentsAgentWithOverridesParams;
import com.anthropic.models.beta.sessions.SessionCreateParams;
import com.fasterxml.jackson.databind.JsonNode;
import io.steward.e2e.model.Block;
import io.steward.e2e.model.ModelRequest;
import io.steward.e2e.model.Reply;
import io.steward.e2e.model.Script;
import io.steward.e2e.stage.OpenSession;
import io.steward.e2e.stage.Stage;
import io.steward.e2e.stage.StageExtension;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// What the model is sent: prompt, tools, parameters and cache marks.
@ExtendWith(StageExtension.class)
class PromptIT {
  private static final int MARKS_MAX = 4;

  private final Stage stage;

  PromptIT(Stage stage) {
    this.stage = stage;
  }

  @Test
  void tools_system_and_the_newest_turn_are_marked_for_the_prompt_cache() throws Exception {
    try (OpenSession session = longSession()) {
      for (ModelRequest request : session.script().requests()) {
        JsonNode body = request.body();
        assertTrue(isMarked(last(body.path("tools"))), "tools of " + request.number());
        assertTrue(isMarked(last(body.path("system"))), "system of " + request.number());
        assertTrue(
            isMarked(last(last(body.path("messages")).path("content"))),
            "newest turn of " + request.number());
        assertTrue(marks(body) <= MARKS_MAX, marks(body) + " marks");
      }
    }
  }

  @Test
  void each_request_begins_with_the_whole_previous_one() throws Exception {
    try (OpenSession session = longSession()) {
      List<ModelRequest> requests = session.script().requests();
      assertEquals(6, requests.size(), session::describe);
      for (int i = 1; i < requests.size(); i++) {
        List<JsonNode> before = requests.get(i - 1).cacheKeys();
        List<JsonNode> after = requests.get(i).cacheKeys();
        assertTrue(after.size() > before.size());
        assertEquals(before, after.subList(0, before.size()), "request " + (i + 1));
      }
    }
  }

  @Test
  void model_effort_and_system_prompt_are_the_agents() throws Exception {
    String agent =
        stage
            .sdk()
            .beta()
            .agents()
            .create(
                Stage.agent("brief")
                    .system("Answer in one word.")
                    .model(
                        BetaManagedAgentsModelConfigParams.builder()
                            .id("claude-haiku-5-5")
                            .effort(
                                BetaManagedAgentsModelConfigParams.Effort
                                    .BetaManagedAgentsEffortLevel.LOW)
                            .build())
                    .build())
            .id();
    try (OpenSession session = stage.session(agent, Script.of(Reply.text("Yes")))) {
      session.turn("Well?");

      ModelRequest request = session.script().requests().getFirst();
      assertEquals("claude-haiku-5-5", request.body().path("model").asText());
      assertEquals("low", request.body().at("/output_config/effort").asText());
      assertTrue(request.system().contains("Answer in one word."), request.system());
      assertTrue(request.body().path("max_tokens").asInt() >= 1024);
      assertEquals(List.of(), request.toolNames());
    }
  }

  @Test
  void the_built_in_tools_are_offered_with_the_schemas_of_the_contract() throws Exception {
    try (OpenSession session = stage.session(Script.of(Reply.text("ok")))) {
      session.turn("Hi");

      ModelRequest request = session.script().requests().getFirst();
      Map<String, Set<String>> inputs =
          Map.of(
              "bash", Set.of("command", "restart", "timeout_ms"),
              "read", Set.of("file_path", "view_range"),
              "write", Set.of("content", "file_path"),
              "edit", Set.of("file_path", "new_string", "old_string", "replace_all"),
              "glob", Set.of("path", "pattern"),
              "grep", Set.of("path", "pattern"),
              "web_fetch", Set.of("url"));
      assertEquals(inputs.keySet(), Set.copyOf(request.toolNames()));
      for (JsonNode tool : request.body().path("tools")) {
        Set<String> properties = new TreeSet<>();
        tool.at("/input_schema/properties").fieldNames().forEachRemaining(properties::add);
        assertEquals(inputs.get(tool.path("name").asText()), properties, tool.toString());
        assertFalse(tool.path("description").asText().isBlank());
      }
    }
  }

  @Test
  void a_disabled_tool_is_not_offered_and_a_custom_one_is() throws Exception {
    String agent =
        stage
            .api()
            .post(
                "/v1/agents",
                """
                {"name":"choosy","model":"%s","tools":[
                 {"type":"agent_toolset_20260401","default_config":{"enabled":false},
                  "configs":[{"name":"read","enabled":true}]},
                 {"type":"custom","name":"weather","description":"Tells the weather",
                  "input_schema":{"type":"object","properties":{"city":{"type":"string"}},
                                  "required":["city"]}}]}
                """
                    .formatted(Stage.MODEL))
            .id();
    try (OpenSession session = stage.session(agent, Script.of(Reply.text("ok")))) {
      session.turn("Hi");

      ModelRequest request = session.script().requests().getFirst();
      assertEquals(Set.of("read", "weather"), Set.copyOf(request.toolNames()));
    }
  }

  @Test
  void a_session_keeps_the_agent_version_it_was_made_from() throws Exception {
    String agent =
        stage
            .sdk()
            .beta()
            .agents()
            .create(Stage.agent("pinned").system("Version one.").build())
            .id();
    try (OpenSession session = stage.session(agent, Script.of(Reply.text("ok")))) {
      stage
          .sdk()
          .beta()
          .agents()
          .update(AgentUpdateParams.builder().agentId(agent).system("Version two.").build());
      session.turn("Hi");

      assertTrue(session.script().requests().getFirst().system().contains("Version one."));
      assertEquals(1, session.get().at("/agent/version").asInt());
    }
  }

  @Test
  void overrides_hold_for_one_session_only() throws Exception {
    Script script = stage.model().play(Script.of(Reply.text("ok")));
    String id =
        stage
            .sdk()
            .beta()
            .sessions()
            .create(
                SessionCreateParams.builder()
                    .environmentId(stage.environmentId())
                    .agent(
                        BetaManagedAgentsAgentWithOverridesParams.builder()
                            .id(stage.plainAgentId())
                            .system("Only here.")
                            .build())
                    .build())
            .id();
    try (OpenSession session = OpenSession.attach(stage, id, script)) {
      session.turn("Hi");

      assertTrue(script.requests().getFirst().system().contains("Only here."));
      assertEquals("Only here.", session.get().at("/agent/system").asText());
      assertTrue(stage.sdk().beta().agents().retrieve(stage.plainAgentId()).system().isEmpty());
    }
  }

  /// Three turns with tools, parallel tools and thinking: six requests.
  private OpenSession longSession() throws InterruptedException {
    String agent =
        stage
            .sdk()
            .beta()
            .agents()
            .create(Stage.agent("cached").system("Be brief.").addTool(Stage.toolset()).build())
            .id();
    OpenSession session =
        stage.session(
            agent,
            Script.of(
                Reply.bash("echo 1"),
                Reply.text("one"),
                Reply.message(
                    new Block.Thinking("hm", "sig-a"),
                    Block.Text.of("two"),
                    Block.ToolUse.bash("echo 2"),
                    Block.ToolUse.bash("echo 3")),
                Reply.bash("false"),
                Reply.text("three"),
                Reply.text("four")));
    session.turn("First");
    session.turn("Second");
    session.turn("Third");
    return session;
  }

  private static JsonNode last(JsonNode list) {
    assertTrue(list.isArray() && !list.isEmpty(), "not a list of blocks: " + list);
    return list.get(list.size() - 1);
  }

  private static boolean isMarked(JsonNode block) {
    return block.at("/cache_control/type").asText().equals("ephemeral");
  }

  private static int marks(JsonNode body) {
    return body.findValues("cache_control").size();
  }
}
