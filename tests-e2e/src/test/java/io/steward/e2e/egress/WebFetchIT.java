package io.steward.e2e.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.steward.e2e.model.Reply;
import io.steward.e2e.model.Script;
import io.steward.e2e.model.ToolOutcome;
import io.steward.e2e.stage.Answer;
import io.steward.e2e.stage.OpenSession;
import io.steward.e2e.stage.Patience;
import io.steward.e2e.stage.Stage;
import io.steward.e2e.stage.StageExtension;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The built-in tool `web_fetch` (contract, core §2.6, §7).
@ExtendWith(StageExtension.class)
class WebFetchIT {
  private final Stage stage;
  private final HttpServer site;
  private final List<String> visited = Collections.synchronizedList(new ArrayList<>());
  private final CountDownLatch closed = new CountDownLatch(1);

  WebFetchIT(Stage stage) throws Exception {
    this.stage = stage;
    site = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 64);
    site.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    site.createContext("/", this::serve);
    site.start();
  }

  @AfterEach
  void close() {
    closed.countDown();
    site.stop(0);
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      visited.add(path);
      if (path.equals("/slow")) {
        closed.await();
      }
      if (path.equals("/away")) {
        exchange.getResponseHeaders().add("Location", "http://127.0.0.2:1/secret");
        exchange.sendResponseHeaders(302, -1);
        return;
      }
      byte[] page =
          "<html><head><title>News</title></head><body><h1>It rains</h1><script>no()</script></body></html>"
              .getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().add("Content-Type", "text/html; charset=utf-8");
      exchange.sendResponseHeaders(200, page.length);
      exchange.getResponseBody().write(page);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private String url(String path) {
    return "http://127.0.0.1:" + site.getAddress().getPort() + path;
  }

  private static Reply fetch(String url) {
    return Reply.tool("web_fetch", "{\"url\":\"" + url + "\"}");
  }

  @Test
  void a_page_is_read_as_text_by_every_agent_with_the_built_in_tools() throws Exception {
    try (OpenSession session = stage.session(Script.of(fetch(url("/news")), Reply.text("done")))) {
      session.turn("Go");

      JsonNode use = session.listed("agent.tool_use").getFirst();
      assertEquals("web_fetch", use.path("name").asText(), session::describe);
      assertEquals("allow", use.path("evaluated_permission").asText());
      ToolOutcome outcome = session.script().requests().get(1).toolResults().getFirst();
      assertTrue(outcome.text().contains("It rains"), outcome.text());
      assertTrue(outcome.text().contains("News"), outcome.text());
      assertFalse(outcome.text().contains("no()"), outcome.text());
      assertFalse(outcome.isError());
      assertEquals(List.of("/news"), visited);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://127.0.0.2:1/",
        "http://2130706434:1/",
        "http://0x7f000002:1/",
        "http://0177.0.0.2:1/",
        "http://[::1]:1/",
        "http://[::ffff:127.0.0.2]:1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/",
        "file:///etc/passwd",
        "not a url"
      })
  void an_address_that_is_not_allowed_is_refused_in_words(String url) throws Exception {
    try (OpenSession session = stage.session(Script.of(fetch(url), Reply.text("done")))) {
      session.turn("Go");

      ToolOutcome outcome = session.script().requests().get(1).toolResults().getFirst();
      assertTrue(outcome.isError(), outcome.text());
      assertTrue(outcome.text().startsWith("url_not_allowed: "), outcome.text());
    }
  }

  @Test
  void a_redirect_leads_to_no_address_that_is_not_allowed() throws Exception {
    try (OpenSession session = stage.session(Script.of(fetch(url("/away")), Reply.text("done")))) {
      session.turn("Go");

      ToolOutcome outcome = session.script().requests().get(1).toolResults().getFirst();
      assertTrue(outcome.isError(), outcome.text());
      assertTrue(outcome.text().startsWith("url_not_allowed: "), outcome.text());
      assertEquals(List.of("/away"), visited);
    }
  }

  @Test
  void only_allowed_domains_are_fetched_from() throws Exception {
    try (OpenSession session =
        stage.session(
            agent("{\"name\":\"web_fetch\",\"allowed_domains\":[\"example.com\"]}"),
            Script.of(fetch(url("/news")), Reply.text("done")))) {
      session.turn("Go");

      ToolOutcome outcome = session.script().requests().get(1).toolResults().getFirst();
      assertTrue(outcome.text().startsWith("url_not_allowed: "), outcome.text());
      assertEquals(List.of(), visited);
    }
  }

  @Test
  void url_sources_limit_what_is_fetched_to_what_was_named() throws Exception {
    try (OpenSession session =
        stage.session(
            agent("{\"name\":\"web_fetch\",\"url_sources\":{\"user_input\":\"all\"}}"),
            Script.of(fetch(url("/other")), fetch(url("/news")), Reply.text("done")))) {
      session.turn("Read " + url("/news") + ".");

      ToolOutcome other = session.script().requests().get(1).toolResults().getFirst();
      ToolOutcome news = session.script().requests().get(2).toolResults().getFirst();
      assertTrue(other.text().startsWith("url_not_allowed: "), other.text());
      assertTrue(news.text().contains("It rains"), news.text());
      assertEquals(List.of("/news"), visited);
    }
  }

  @Test
  void an_interrupt_ends_a_fetch_at_once() throws Exception {
    try (OpenSession session = stage.session(Script.of(fetch(url("/slow")), Reply.text("next")))) {
      session.send("Go");
      Patience.until(Duration.ofSeconds(20), session::describe, () -> !visited.isEmpty());
      session.interrupt();
      session.awaitIdle();
      session.turn("And now?");

      JsonNode result = session.listed("agent.tool_result").getFirst();
      assertTrue(OpenSession.text(result).contains("interrupted"), result.toString());
      assertEquals("next", OpenSession.text(session.listed("agent.message").getFirst()));
    }
  }

  private String agent(String config) throws Exception {
    Answer answer =
        stage
            .api()
            .post(
                "/v1/agents",
                """
                {"name":"fetches","model":"%s",
                 "tools":[{"type":"agent_toolset_20260401","configs":[%s]}]}
                """
                    .formatted(Stage.MODEL, config));
    assertEquals(200, answer.status(), answer.text());
    return answer.id();
  }
}
