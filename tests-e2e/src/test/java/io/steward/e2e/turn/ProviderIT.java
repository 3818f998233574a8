package io.steward.e2e.turn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.anthropic.models.beta.agents.BetaManagedAgentsAgentToolset20260401Params;
import com.anthropic.models.beta.agents.BetaManagedAgentsAgentToolsetDefaultConfigParams;
import com.anthropic.models.beta.agents.BetaManagedAgentsAlwaysAskPolicy;
import com.fasterxml.jackson.databind.JsonNode;
import io.steward.e2e.model.Block;
import io.steward.e2e.model.Gate;
import io.steward.e2e.model.Reply;
import io.steward.e2e.model.Script;
import io.steward.e2e.model.ScriptedModel;
import io.steward.e2e.model.ToolOutcome;
import io.steward.e2e.stage.Answer;
import io.steward.e2e.stage.Events;
import io.steward.e2e.stage.ModelsFile;
import io.steward.e2e.stage.OpenSession;
import io.steward.e2e.stage.RawStream;
import io.steward.e2e.stage.Stage;
import io.steward.e2e.stage.StageExtension;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The same scenarios with a model behind the Messages API and with one behind an endpoint that is
/// compatible with OpenAI's.
@ExtendWith(StageExtension.class)
class ProviderIT {
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  private final Stage stage;

  ProviderIT(Stage stage) {
    this.stage = stage;
  }

  @ParameterizedTest
  @ValueSource(strings = {"claude-opus-5-5", ModelsFile.CHAT_MODEL})
  void a_conversation_of_two_turns(String model) throws Exception {
    try (OpenSession session =
        stage.session(
            stage.createAgent(Stage.agent("plain", model).system("Be brief.")),
            Script.of(Reply.text("Hel", "lo."), Reply.text("Bye.")))) {
      session.turn("Hi");
      session.turn("And now?");

      assertEquals(
          List.of("Hello.", "Bye."),
          session.listed("agent.message").stream().map(OpenSession::text).toList());
      assertEquals("Be brief.", session.script().requests().get(1).system());
      JsonNode usage = session.listed("span.model_request_end").getFirst().path("model_usage");
      assertEquals(3, usage.path("cache_read_input_tokens").asInt(), usage.toString());
      assertEquals(7, usage.path("output_tokens").asInt());
      assertEquals(
          19,
          usage.path("input_tokens").asInt()
              + usage.path("cache_read_input_tokens").asInt()
              + usage.path("cache_creation_input_tokens").asInt());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"claude-opus-5-5", ModelsFile.CHAT_MODEL})
  void tool_calls_one_after_another_and_in_parallel(String model) throws Exception {
    try (OpenSession session =
        stage.session(
            tools(model),
            Script.of(
                Reply.message(Block.Text.of("First."), Block.ToolUse.bash("echo $((6*7))")),
                Reply.message(
                    Block.ToolUse.bash("echo a"), Block.ToolUse.bash("echo b >&2; false")),
                Reply.tool("launch_missiles", "{\"at\":\"once\"}"),
                Reply.text("done"),
                Reply.text("again")))) {
      JsonNode idle = session.turn("Go");
      session.turn("More");

      assertEquals("end_turn", idle.at("/stop_reason/type").asText(), session::describe);
      List<ToolOutcome> parallel = session.script().requests().get(2).toolResults();
      assertEquals(
          "42", session.script().requests().get(1).toolResults().getFirst().text().strip());
      assertEquals("a", parallel.get(0).text().strip());
      assertTrue(parallel.get(1).text().contains("b"), parallel.toString());
      assertEquals(1, session.script().requests().get(3).toolResults().size());
      assertEquals(4, session.listed("agent.tool_use").size());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"claude-opus-5-5", ModelsFile.CHAT_MODEL})
  void a_custom_tool(String model) throws Exception {
    String agent =
        stage.createAgent(Stage.agent("custom", model).addTool(Stage.customTool("weather")));
    try (OpenSession session =
        stage.session(
            agent, Script.of(Reply.tool("weather", "{\"about\":\"Bern\"}"), Reply.text("sunny")))) {
      session.turn("Weather?");
      JsonNode call = session.listed("agent.custom_tool_use").getFirst();
      assertEquals("Bern", call.at("/input/about").asText());
      session.post(Events.customResult(call, "sunny in Bern"));
      session.awaitIdle();

      assertEquals(
          "sunny in Bern",
          session.script().requests().get(1).toolResults().getFirst().text(),
          session::describe);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"claude-opus-5-5", ModelsFile.CHAT_MODEL})
  void a_call_that_is_confirmed_and_one_that_is_not(String model) throws Exception {
    String agent =
        stage.createAgent(
            Stage.agent("asks", model)
                .addTool(
                    BetaManagedAgentsAgentToolset20260401Params.builder()
                        .defaultConfig(
                            BetaManagedAgentsAgentToolsetDefaultConfigParams.builder()
                                .permissionPolicy(
                                    BetaManagedAgentsAlwaysAskPolicy.builder().build())
                                .build())
                        .build()));
    try (OpenSession session =
        stage.session(
            agent,
            Script.of(
                Reply.message(Block.ToolUse.bash("echo yes"), Block.ToolUse.bash("echo no")),
                Reply.text("done")))) {
      session.turn("Go");
      List<JsonNode> calls = session.listed("agent.tool_use");
      session.post(
          Events.confirmation(calls.get(0), "allow"), Events.confirmation(calls.get(1), "deny"));
      session.await(
          "session.status_idle",
          DEADLINE,
          idle -> idle.at("/stop_reason/type").asText().equals("end_turn"));

      List<ToolOutcome> results = session.script().requests().get(1).toolResults();
      assertEquals("yes", results.get(0).text().strip(), session::describe);
      assertFalse(results.get(1).text().strip().equals("no"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"claude-opus-5-5", ModelsFile.CHAT_MODEL})
  void previews_come_while_the_model_speaks(String model) throws Exception {
    Gate gate = new Gate();
    try (OpenSession session =
            stage.session(
                stage.createAgent(Stage.agent("plain", model)),
                Script.of(Reply.text("One ", "two ", "three.").heldBy(gate)));
        RawStream stream =
            RawStream.open(
                stage.api(),
                "/v1/sessions/"
                    + session.id()
                    + "/events/stream?event_deltas%5B%5D=agent.message")) {
      session.send("Count");
      List<String> types = new ArrayList<>();
      while (!types.contains("event_delta")) {
        types.add(stream.next(DEADLINE).event());
      }
      gate.open();
      JsonNode idle = session.awaitIdle();

      assertEquals("end_turn", idle.at("/stop_reason/type").asText());
      assertEquals("One two three.", OpenSession.text(session.listed("agent.message").getFirst()));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"claude-opus-5-5", ModelsFile.CHAT_MODEL})
  void failures_are_retried_and_leave_nothing(String model) throws Exception {
    List<Block> lost = List.of(Block.Text.of("lost"));
    try (OpenSession session =
        stage.session(
            stage.createAgent(Stage.agent("plain", model)),
            Script.of(
                Reply.rateLimited(Duration.ofSeconds(1)),
                new Reply.Cut(lost),
                Reply.internalError(),
                Reply.text("here")))) {
      session.send("Hi");
      JsonNode idle = session.awaitIdle(Duration.ofMinutes(1));

      assertEquals("end_turn", idle.at("/stop_reason/type").asText(), session::describe);
      List<JsonNode> errors = session.listed("session.error");
      assertEquals(3, errors.size(), session::describe);
      assertEquals("model_rate_limited_error", errors.getFirst().at("/error/type").asText());
      assertEquals("retrying", errors.getFirst().at("/error/retry_status/type").asText());
      assertEquals("here", OpenSession.text(session.listed("agent.message").getFirst()));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"claude-opus-5-5", ModelsFile.CHAT_MODEL})
  void a_key_that_is_refused_ends_the_turn_at_once(String model) throws Exception {
    try (OpenSession session =
        stage.session(
            stage.createAgent(Stage.agent("plain", model)), Script.of(Reply.unauthorized()))) {
      JsonNode idle = session.turn("Hi");

      assertEquals("retries_exhausted", idle.at("/stop_reason/type").asText(), session::describe);
      assertFalse(session.listed().toString().contains(stage.modelKey()));
    }
  }

  @Test
  void a_chat_reply_cut_at_the_token_limit_is_continued() throws Exception {
    Script script = Script.of(Reply.text("half a").stoppedBy("max_tokens"), Reply.text(" loaf"));
    try (OpenSession session =
        stage.session(stage.createAgent(Stage.agent("plain", ModelsFile.CHAT_MODEL)), script)) {
      JsonNode idle = session.turn("Tell");

      assertEquals("end_turn", idle.at("/stop_reason/type").asText(), session::describe);
      assertEquals(2, script.requests().size(), session::describe);
    }
  }

  @Test
  void a_model_nobody_serves_is_refused_at_save() throws Exception {
    Answer created =
        stage.api().post("/v1/agents", "{\"name\":\"lost\",\"model\":\"gpt-unknown\"}");
    Answer updated =
        stage.api().post("/v1/agents/" + stage.plainAgentId(), "{\"model\":\"gpt-unknown\"}");
    Answer overridden =
        stage
            .api()
            .post(
                "/v1/sessions",
                """
                {"agent":{"type":"agent_with_overrides","id":"%s","model":{"id":"gpt-unknown"}},
                 "environment_id":"%s"}
                """
                    .formatted(stage.plainAgentId(), stage.environmentId()));

    for (Answer refused : List.of(created, updated, overridden)) {
      assertEquals(400, refused.status(), refused.text());
      assertTrue(refused.errorMessage().contains("gpt-unknown"), refused.text());
      assertTrue(refused.errorMessage().contains("model"), refused.text());
    }
  }

  @Test
  void the_catalog_is_listed_and_read() throws Exception {
    Answer listed = stage.api().get("/v1/models");
    Answer chat = stage.api().get("/v1/models/" + ModelsFile.CHAT_MODEL);
    Answer none = stage.api().get("/v1/models/gpt-unknown");

    assertEquals(
        ModelsFile.NAMED, listed.body().path("data").findValuesAsText("id"), listed.text());
    assertEquals(200, chat.status(), chat.text());
    assertEquals(ModelsFile.CHAT_MODEL, chat.id());
    assertEquals("model", chat.body().path("type").asText());
    assertEquals(404, none.status(), none.text());
    assertTrue(ModelsFile.NAMED.contains(ScriptedModel.SMALL_MODEL));
  }

  private String tools(String model) {
    return stage.createAgent(Stage.agent("tools", model).addTool(Stage.toolset()));
  }
}
