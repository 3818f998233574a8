package io.steward.e2e.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.e2e.model.Block;
import io.steward.e2e.model.Gate;
import io.steward.e2e.model.ModelRequest;
import io.steward.e2e.model.Reply;
import io.steward.e2e.model.Script;
import io.steward.e2e.model.ToolOutcome;
import io.steward.e2e.stage.Answer;
import io.steward.e2e.stage.Events;
import io.steward.e2e.stage.OpenSession;
import io.steward.e2e.stage.Patience;
import io.steward.e2e.stage.Stage;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// The built-in tool `web_search` with the search of a model's provider (ADR 21).
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WebSearchByModelIT {
  private static final String SEARCHER = "claude-searcher";

  private final Gate gate = new Gate();
  private final Script searcher = Script.answering(this::found);
  private @Nullable Stage stage;

  @BeforeAll
  void setStage() throws Exception {
    stage =
        Stage.set(
            "web-search-by-model",
            Map.of("STEWARD_WEB_SEARCH", "anthropic", "STEWARD_WEB_SEARCH_MODEL", SEARCHER));
    stage.model().playAll(SEARCHER, searcher);
  }

  @AfterAll
  void closeStage() throws Exception {
    gate.open();
    stage().close();
  }

  private Reply found(ModelRequest request) {
    String query = String.join("\n", request.newestUserTexts());
    if (query.contains("broken")) {
      return Reply.overloaded();
    }
    Reply.Message reply =
        Reply.message(
            Block.Text.of("I'll search."),
            Block.Provided.of(
                "{\"type\":\"server_tool_use\",\"id\":\"srvtoolu_1\",\"name\":\"web_search\","
                    + "\"input\":{}}"),
            Block.Provided.of(
                """
                {"type":"web_search_tool_result","tool_use_id":"srvtoolu_1","content":[
                 {"type":"web_search_result","url":"https://news.example.com/rain",
                  "title":"It rains","encrypted_content":"Zm9v","page_age":"yesterday"}]}
                """),
            Block.Text.of("It ", "rains."));
    return query.contains("slow") ? reply.heldBy(gate) : reply;
  }

  private static Reply search(String query) {
    return Reply.tool("web_search", "{\"query\":\"" + query + "\"}");
  }

  @Test
  void a_model_of_the_provider_searches_for_any_model() throws Exception {
    String agent =
        agent(
            """
            {"name":"web_search","allowed_domains":["example.com"],
             "user_location":{"type":"approximate","city":"Bonn","country":"DE"}}
            """);
    try (OpenSession session =
        stage().session(agent, Script.of(search("plain"), Reply.text("done")))) {
      session.turn("Go");

      JsonNode content = session.listed("agent.tool_result").getFirst().path("content");
      assertEquals("It rains.", content.at("/0/text").asText(), session::describe);
      assertEquals("https://news.example.com/rain", content.at("/1/source").asText());
      assertEquals("yesterday", content.at("/1/content/0/text").asText());
      assertEquals(1, session.get().at("/usage/server_tool_use/web_search_requests").asInt());
      ModelRequest asked = asked("plain").getFirst();
      JsonNode tool = asked.body().at("/tools/0");
      assertEquals("web_search_20250305", tool.path("type").asText());
      assertEquals(1, tool.path("max_uses").asInt());
      assertEquals("example.com", tool.at("/allowed_domains/0").asText());
      assertEquals("DE", tool.at("/user_location/country").asText());
      assertFalse(asked.text().contains("Go"), asked.text());
    }
  }

  @Test
  void a_search_waits_for_its_permission() throws Exception {
    String agent =
        agent("{\"name\":\"web_search\",\"permission_policy\":{\"type\":\"always_ask\"}}");
    try (OpenSession session =
        stage().session(agent, Script.of(search("permission"), Reply.text("done")))) {
      session.turn("Go");
      JsonNode use = session.listed("agent.tool_use").getFirst();
      List<ModelRequest> before = asked("permission");
      Answer confirmed = session.post(Events.confirmation(use, "allow"));
      session.awaitIdle();

      assertEquals(200, confirmed.status(), confirmed.text());
      assertEquals(List.of(), before);
      assertEquals(1, asked("permission").size());
    }
  }

  @Test
  void a_search_that_fails_is_an_error_the_model_reads() throws Exception {
    try (OpenSession session = stage().session(Script.of(search("broken"), Reply.text("done")))) {
      session.turn("Go");

      ToolOutcome outcome = session.script().requests().get(1).toolResults().getFirst();
      assertTrue(outcome.isError(), outcome.text());
      assertTrue(outcome.text().startsWith("too_many_requests: "), outcome.text());
    }
  }

  @Test
  void an_interrupt_ends_a_search_at_once() throws Exception {
    try (OpenSession session = stage().session(Script.of(search("slow"), Reply.text("next")))) {
      session.send("Go");
      Patience.until(Duration.ofSeconds(20), session::describe, () -> !asked("slow").isEmpty());
      session.interrupt();
      session.awaitIdle();

      assertEquals(ModelRequest.Ending.HUNG_UP, Script.ending(asked("slow").getFirst()));
      JsonNode result = session.listed("agent.tool_result").getFirst();
      assertTrue(OpenSession.text(result).contains("interrupted"), result.toString());
    }
  }

  private List<ModelRequest> asked(String word) {
    return searcher.requests().stream()
        .filter(request -> String.join("\n", request.newestUserTexts()).contains(word))
        .toList();
  }

  private String agent(String config) throws Exception {
    Answer answer =
        stage()
            .api()
            .post(
                "/v1/agents",
                """
                {"name":"searches","model":"%s",
                 "tools":[{"type":"agent_toolset_20260401","configs":[%s]}]}
                """
                    .formatted(Stage.MODEL, config));
    assertEquals(200, answer.status(), answer.text());
    return answer.id();
  }

  private Stage stage() {
    if (stage == null) {
      throw new IllegalStateException("no stage");
    }
    return stage;
  }
}
