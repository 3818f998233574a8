package io.steward.e2e.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.e2e.model.Block;
import io.steward.e2e.model.Reply;
import io.steward.e2e.model.Script;
import io.steward.e2e.model.ToolOutcome;
import io.steward.e2e.stage.Answer;
import io.steward.e2e.stage.Events;
import io.steward.e2e.stage.OpenSession;
import io.steward.e2e.stage.Patience;
import io.steward.e2e.stage.Ports;
import io.steward.e2e.stage.Stage;
import io.steward.e2e.stage.StageExtension;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Tools of MCP servers (contract, core §2.7, platform §3.5, events §7).
@ExtendWith(StageExtension.class)
class McpIT {
  private static final String SEARCH = "mcp__tracker__search";
  private static final String ABOUT_FIRE = "{\"about\":\"fire\"}";

  private final Stage stage;
  private final TrackerServer tracker = TrackerServer.start();

  McpIT(Stage stage) throws Exception {
    this.stage = stage;
  }

  @AfterEach
  void close() {
    tracker.close();
  }

  @Test
  void a_call_waits_for_its_approval_and_is_made_once() throws Exception {
    try (OpenSession session =
        open(agent(""), Script.of(Reply.tool(SEARCH, ABOUT_FIRE), Reply.text("done")))) {
      JsonNode waiting = session.turn("Go");
      JsonNode call = session.listed("agent.mcp_tool_use").getFirst();
      List<String> calledBefore = tracker.called();
      Answer confirmed = session.post(Events.confirmation(call, "allow"));
      JsonNode idle = session.awaitIdle();

      assertEquals("requires_action", waiting.at("/stop_reason/type").asText(), session::describe);
      assertEquals(call.path("id"), waiting.at("/stop_reason/event_ids/0"));
      assertEquals("tracker", call.path("mcp_server_name").asText());
      assertEquals("search", call.path("name").asText());
      assertEquals("fire", call.at("/input/about").asText());
      assertEquals("ask", call.path("evaluated_permission").asText());
      assertEquals(List.of(), calledBefore);
      assertEquals(200, confirmed.status(), confirmed.text());
      assertEquals("end_turn", idle.at("/stop_reason/type").asText(), session::describe);
      assertEquals(List.of("search fire"), tracker.called());
      JsonNode result = session.listed("agent.mcp_tool_result").getFirst();
      assertEquals(call.path("id"), result.path("mcp_tool_use_id"));
      assertEquals("search found fire for null", OpenSession.text(result));
      assertFalse(result.path("is_error").asBoolean());
      assertTrue(session.listed("agent.tool_use").isEmpty());
      assertEquals(List.of(), tracker.faults());
    }
  }

  @Test
  void the_model_is_offered_the_servers_tools_under_names_it_takes() throws Exception {
    try (OpenSession session = open(agent(Setting.ALLOWED), Script.of(Reply.text("Hello.")))) {
      session.turn("Go");

      List<String> names = session.script().requests().getFirst().toolNames();
      assertEquals(3, names.size(), names.toString());
      assertTrue(names.contains(SEARCH), names.toString());
      assertTrue(
          names.stream().anyMatch(name -> name.startsWith("mcp__tracker__create_issue_")),
          names.toString());
    }
  }

  @Test
  void a_denied_call_is_never_made_and_the_model_reads_why() throws Exception {
    try (OpenSession session =
        open(agent(""), Script.of(Reply.tool(SEARCH, ABOUT_FIRE), Reply.text("done")))) {
      session.turn("Go");
      JsonNode call = session.listed("agent.mcp_tool_use").getFirst();
      session.post(
          """
          {"type":"user.tool_confirmation","tool_use_id":"%s","result":"deny",
           "deny_message":"Ask Ada first."}
          """
              .formatted(call.path("id").asText()));
      session.awaitIdle();

      ToolOutcome outcome = session.script().requests().get(1).toolResults().getFirst();
      assertTrue(outcome.isError());
      assertTrue(outcome.text().contains("Ask Ada first."), outcome.text());
      assertEquals(List.of(), tracker.called());
      assertTrue(session.listed("agent.mcp_tool_result").getFirst().path("is_error").asBoolean());
    }
  }

  @Test
  void calls_of_one_reply_run_beside_built_in_ones_and_an_error_of_a_tool_is_one()
      throws Exception {
    try (OpenSession session =
        open(
            agent(Setting.ALLOWED, "{\"type\":\"agent_toolset_20260401\"}"),
            Script.answering(request ->
                request.number() > 1
                    ? Reply.text("done")
                    : Reply.message(
                        Block.ToolUse.of(SEARCH, ABOUT_FIRE),
                        Block.ToolUse.bash("echo here"),
                        Block.ToolUse.of(
                            request.toolNames().stream()
                                .filter(name -> name.contains("create_issue"))
                                .findFirst()
                                .orElseThrow(),
                            "{}"))))) {
      session.turn("Go");

      List<ToolOutcome> outcomes = session.script().requests().get(1).toolResults();
      assertEquals(3, outcomes.size(), session::describe);
      assertEquals("search found fire for null", outcomes.get(0).text());
      assertEquals("here", outcomes.get(1).text().strip());
      assertTrue(outcomes.get(2).isError());
      assertEquals(1, session.listed("agent.tool_result").size());
      assertEquals(2, session.listed("agent.mcp_tool_result").size());
    }
  }

  @Test
  void a_token_of_the_sessions_vault_is_used_and_shows_up_nowhere() throws Exception {
    String secret = stage.plantSecret();
    tracker.requireToken(secret);
    String vault = vault(secret);
    try (OpenSession session =
        open(
            agent(Setting.ALLOWED),
            Script.of(Reply.tool(SEARCH, ABOUT_FIRE), Reply.text("done")),
            vault)) {
      session.turn("Go");

      assertEquals(List.of("search fire"), tracker.called(), session::describe);
      String result = OpenSession.text(session.listed("agent.mcp_tool_result").getFirst());
      assertTrue(result.startsWith("search found fire for "), result);
      assertFalse(session.listed().toString().contains(secret));
      assertFalse(session.script().requests().toString().contains(secret));
    }
  }

  @Test
  void a_rotated_token_is_used_by_the_next_call_of_a_running_session() throws Exception {
    String first = stage.plantSecret();
    String second = stage.plantSecret();
    tracker.requireToken(first);
    String vault = vault(first);
    try (OpenSession session =
        open(
            agent(Setting.ALLOWED),
            Script.of(
                Reply.tool(SEARCH, ABOUT_FIRE),
                Reply.text("one"),
                Reply.tool(SEARCH, "{\"about\":\"smoke\"}"),
                Reply.text("two")),
            vault)) {
      session.turn("Go");
      tracker.requireToken(second);
      JsonNode credential =
          stage.api().get("/v1/vaults/" + vault + "/credentials").body().at("/data/0/id");
      Answer rotated =
          stage
              .api()
              .post(
                  "/v1/vaults/" + vault + "/credentials/" + credential.asText(),
                  "{\"auth\":{\"type\":\"static_bearer\",\"token\":\"%s\"}}".formatted(second));
      session.turn("Again");

      assertEquals(200, rotated.status(), rotated.text());
      assertEquals(List.of("search fire", "search smoke"), tracker.called(), session::describe);
      assertTrue(session.listed("session.error").isEmpty());
    }
  }

  @Test
  void without_the_right_token_the_session_says_so_goes_on_and_tries_again_with_its_next_turn()
      throws Exception {
    String secret = stage.plantSecret();
    tracker.requireToken("another");
    String vault = vault(secret);
    try (OpenSession session =
        open(
            agent(Setting.ALLOWED),
            Script.of(Reply.text("alone"), Reply.tool(SEARCH, ABOUT_FIRE), Reply.text("together")),
            vault)) {
      session.turn("Go");
      JsonNode error = session.listed("session.error").getFirst();
      List<String> offered = session.script().requests().getFirst().toolNames();
      tracker.requireToken(secret);
      session.turn("Again");

      assertEquals(
          "mcp_authentication_failed_error", error.at("/error/type").asText(), session::describe);
      assertEquals("tracker", error.at("/error/mcp_server_name").asText());
      assertFalse(error.toString().contains(secret), error.toString());
      assertEquals(List.of(), offered);
      assertEquals(List.of("search fire"), tracker.called(), session::describe);
      assertEquals(1, session.listed("session.error").size());
    }
  }

  @Test
  void a_server_that_is_away_costs_its_tools_only_until_it_is_back() throws Exception {
    int port = Ports.free();
    try (OpenSession session =
        open(
            Setting.agent(stage, "http://127.0.0.1:" + port + "/mcp", Setting.ALLOWED),
            Script.of(
                Reply.text("alone"), Reply.tool(SEARCH, ABOUT_FIRE), Reply.text("together")))) {
      session.turn("Go");
      JsonNode error = session.listed("session.error").getFirst();
      try (TrackerServer late = TrackerServer.start("127.0.0.1", port)) {
        session.turn("Again");

        assertEquals(
            "mcp_connection_failed_error", error.at("/error/type").asText(), session::describe);
        assertEquals("tracker", error.at("/error/mcp_server_name").asText());
        assertEquals(List.of("search fire"), late.called(), session::describe);
      }
    }
  }

  @Test
  void an_address_that_is_not_allowed_is_not_connected_to() throws Exception {
    try (TrackerServer inside = TrackerServer.start("127.0.0.2", 0);
        OpenSession session =
            open(
                Setting.agent(stage, inside.url(), Setting.ALLOWED),
                Script.of(Reply.text("alone")))) {
      session.turn("Go");

      JsonNode error = session.listed("session.error").getFirst();
      assertEquals(
          "mcp_connection_failed_error", error.at("/error/type").asText(), session::describe);
      assertTrue(error.at("/error/message").asText().contains("not allowed"), error.toString());
    }
  }

  @Test
  void tools_that_are_added_while_a_session_runs_are_offered() throws Exception {
    try (OpenSession session =
        open(
            agent(Setting.ALLOWED),
            Script.answering(request -> {
              if (request.number() == 1) {
                tracker.grow();
              }
              return switch (request.number()) {
                case 1 -> Reply.tool(SEARCH, ABOUT_FIRE);
                case 2 -> Reply.text("one");
                default -> Reply.text("two");
              };
            }))) {
      session.turn("Go");
      Patience.until(
          Duration.ofSeconds(20),
          session::describe,
          () -> {
            session.turn("Again");
            return session
                .script()
                .requests()
                .getLast()
                .toolNames()
                .contains("mcp__tracker__close");
          });
    }
  }

  @Test
  void an_interrupt_ends_a_call_at_once() throws Exception {
    try (OpenSession session =
        open(
            agent(Setting.ALLOWED),
            Script.of(Reply.tool("mcp__tracker__slow", "{}"), Reply.text("next")))) {
      session.send("Go");
      Patience.until(Duration.ofSeconds(20), session::describe, () -> !tracker.called().isEmpty());
      session.interrupt();
      JsonNode idle = session.awaitIdle();
      session.turn("And now?");

      assertEquals("end_turn", idle.at("/stop_reason/type").asText(), session::describe);
      JsonNode result = session.listed("agent.mcp_tool_result").getFirst();
      assertTrue(result.path("is_error").asBoolean());
      assertTrue(OpenSession.text(result).contains("interrupted"), result.toString());
      assertEquals(1, session.listed("agent.mcp_tool_result").size());
      assertEquals(1, tracker.called().size());
    }
  }

  @Test
  void the_reference_server_works_with_approval() throws Exception {
    try (EverythingServer everything = EverythingServer.start();
        OpenSession session =
            open(
                Setting.agent(stage, everything.url(), ""),
                Script.of(
                    Reply.tool("mcp__tracker__echo", "{\"message\":\"over there\"}"),
                    Reply.tool("mcp__tracker__get-tiny-image", "{}"),
                    Reply.text("done")))) {
      session.turn("Go");
      JsonNode echo = session.listed("agent.mcp_tool_use").getFirst();
      session.post(Events.confirmation(echo, "allow"));
      session.awaitIdle();
      JsonNode image = session.listed("agent.mcp_tool_use").getLast();
      session.post(Events.confirmation(image, "allow"));
      JsonNode idle = session.awaitIdle();

      assertEquals("end_turn", idle.at("/stop_reason/type").asText(), session::describe);
      List<JsonNode> results = session.listed("agent.mcp_tool_result");
      assertTrue(OpenSession.text(results.getFirst()).contains("over there"), session::describe);
      assertTrue(
          results.getLast().path("content").findValuesAsText("type").contains("image"),
          results.toString());
    }
  }

  private OpenSession open(String agentId, Script script, String... vaults) throws Exception {
    return Setting.open(stage, agentId, script, vaults);
  }

  private String vault(String token) throws Exception {
    return Setting.vault(stage, tracker.url(), token);
  }

  private String agent(String config, String... moreTools) throws Exception {
    return Setting.agent(stage, tracker.url(), config, moreTools);
  }
}
