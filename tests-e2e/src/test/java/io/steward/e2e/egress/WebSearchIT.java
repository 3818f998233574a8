package io.steward.e2e.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
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

/// The built-in tool `web_search` with a SearXNG instance (contract, core §2.6, §7).
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WebSearchIT {
  private @Nullable SearxngInstance instance;
  private @Nullable Stage stage;

  @BeforeAll
  void setStage() throws Exception {
    instance = SearxngInstance.start();
    // No address is allowed but the instance itself.
    stage =
        Stage.set(
            "web-search",
            Map.of(
                "STEWARD_WEB_SEARCH_SEARXNG_URL",
                instance.url(),
                "STEWARD_EGRESS_ALLOWED_ADDRESSES",
                "192.0.2.1/32"));
  }

  @AfterAll
  void closeStage() throws Exception {
    if (instance != null) {
      instance.close();
    }
    if (stage != null) {
      stage.close();
    }
  }

  private static Reply search(String query) {
    return Reply.tool("web_search", "{\"query\":\"" + query + "\"}");
  }

  @Test
  void what_is_found_are_search_results_and_counts_in_the_usage() throws Exception {
    try (OpenSession session =
        stage().session(Script.of(search("weather & more"), Reply.text("done")))) {
      session.turn("Go");

      assertTrue(session.script().requests().getFirst().toolNames().contains("web_search"));
      JsonNode use = session.listed("agent.tool_use").getFirst();
      assertEquals("web_search", use.path("name").asText(), session::describe);
      JsonNode result = session.listed("agent.tool_result").getFirst();
      assertFalse(result.path("is_error").asBoolean(), session::describe);
      assertEquals(2, result.path("content").size());
      JsonNode hit = result.path("content").get(0);
      assertEquals("search_result", hit.path("type").asText());
      assertEquals("https://news.example.com/rain", hit.path("source").asText());
      assertEquals("It rains", hit.path("title").asText());
      assertEquals("All over the country.", hit.at("/content/0/text").asText());
      assertEquals(
          result.path("content"),
          session.script().requests().get(1).body().at("/messages/2/content/0/content"));
      assertEquals(
          1,
          session
              .listed("session.usage")
              .getLast()
              .at("/usage/server_tool_use/web_search_requests")
              .asInt());
      assertEquals(1, session.get().at("/usage/server_tool_use/web_search_requests").asInt());
      assertEquals(
          List.of(Map.of("q", "weather & more", "format", "json")),
          instance().searches("weather & more"));
    }
  }

  @Test
  void only_allowed_domains_are_shown_and_the_country_is_passed_on() throws Exception {
    String agent =
        agent(
            """
            {"name":"web_search","allowed_domains":["example.org/blog"],
             "user_location":{"type":"approximate","city":"Bonn","country":"DE"}}
            """);
    try (OpenSession session =
        stage().session(agent, Script.of(search("domains"), Reply.text("done")))) {
      session.turn("Go");

      JsonNode content = session.listed("agent.tool_result").getFirst().path("content");
      assertEquals(1, content.size(), session::describe);
      assertEquals("https://example.org/blog/sun", content.get(0).path("source").asText());
      assertEquals(
          List.of(
              Map.of("q", "domains site:example.org/blog", "format", "json", "language", "de-DE")),
          instance().searches("domains"));
    }
  }

  @Test
  void when_every_hit_is_of_another_domain_one_text_says_so() throws Exception {
    String agent =
        agent("{\"name\":\"web_search\",\"blocked_domains\":[\"example.com\",\"example.org\"]}");
    try (OpenSession session =
        stage().session(agent, Script.of(search("blocked"), Reply.text("done")))) {
      session.turn("Go");

      ToolOutcome outcome = session.script().requests().get(1).toolResults().getFirst();
      assertEquals(
          "The search has no results in the domains this agent may search.", outcome.text());
      assertFalse(outcome.isError());
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
      List<Map<String, String>> before = instance().searches("permission");
      Answer confirmed = session.post(Events.confirmation(use, "allow"));
      session.awaitIdle();

      assertEquals(200, confirmed.status(), confirmed.text());
      assertEquals(List.of(), before);
      assertEquals(1, instance().searches("permission").size());
      assertEquals("done", OpenSession.text(session.listed("agent.message").getFirst()));
    }
  }

  @Test
  void a_service_that_fails_and_a_query_that_is_none_are_errors_the_model_reads() throws Exception {
    try (OpenSession session =
        stage()
            .session(
                Script.of(
                    search("crowded"), search(" "), search("x".repeat(501)), Reply.text("done")))) {
      session.turn("Go");

      List<String> begins = List.of("too_many_requests: ", "invalid_input: ", "query_too_long: ");
      for (int i = 0; i < begins.size(); i++) {
        ToolOutcome outcome = session.script().requests().get(i + 1).toolResults().getFirst();
        assertTrue(outcome.isError(), outcome.text());
        assertTrue(outcome.text().startsWith(begins.get(i)), outcome.text());
      }
      assertTrue(session.get().at("/usage/server_tool_use").isMissingNode());
    }
  }

  @Test
  void an_interrupt_ends_a_search_at_once() throws Exception {
    try (OpenSession session = stage().session(Script.of(search("slow"), Reply.text("next")))) {
      session.send("Go");
      Patience.until(
          Duration.ofSeconds(20), session::describe, () -> !instance().searches("slow").isEmpty());
      session.interrupt();
      session.awaitIdle();
      session.turn("And now?");

      JsonNode result = session.listed("agent.tool_result").getFirst();
      assertTrue(OpenSession.text(result).contains("interrupted"), result.toString());
      assertEquals("next", OpenSession.text(session.listed("agent.message").getFirst()));
    }
  }

  @Test
  void pages_of_the_same_address_are_refused_all_the_same() throws Exception {
    String url = instance().url() + "search?q=x&format=json";
    try (OpenSession session =
        stage()
            .session(
                Script.of(
                    Reply.tool("web_fetch", "{\"url\":\"" + url + "\"}"), Reply.text("done")))) {
      session.turn("Go");

      ToolOutcome outcome = session.script().requests().get(1).toolResults().getFirst();
      assertTrue(outcome.text().startsWith("url_not_allowed: "), outcome.text());
    }
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

  private SearxngInstance instance() {
    if (instance == null) {
      throw new IllegalStateException("no instance");
    }
    return instance;
  }
}
