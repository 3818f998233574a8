package io.steward.e2e.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import io.steward.e2e.egress.TrackerServer;
import io.steward.e2e.model.Block;
import io.steward.e2e.model.Reply;
import io.steward.e2e.model.Script;
import io.steward.e2e.model.ToolOutcome;
import io.steward.e2e.stage.Answer;
import io.steward.e2e.stage.Events;
import io.steward.e2e.stage.NodeSdk;
import io.steward.e2e.stage.OpenSession;
import io.steward.e2e.stage.Patience;
import io.steward.e2e.stage.Stage;
import io.steward.e2e.stage.StageExtension;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// The official TypeScript SDK's `EnvironmentWorker`, unmodified, serves sessions of self-hosted
/// environments (contract, core §4.7–4.9).
@ExtendWith(StageExtension.class)
class WorkerIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Stage stage;
  private final NodeSdk sdk;
  private final Lab lab;
  private final Path directory;

  WorkerIT(Stage stage, @TempDir Path home) throws Exception {
    this.stage = stage;
    this.sdk = NodeSdk.installed();
    this.lab = Lab.open(stage);
    this.directory = home.toRealPath().resolve("work");
  }

  private Worker worker(String name) throws Exception {
    return Worker.start(stage, sdk, lab.id(), lab.key(), name, directory);
  }

  /// An agent with the built-in tools and the worker's own one.
  ///
  /// @param config further fields of the toolset, each with a comma before it
  /// @param more further fields of the agent, each with a comma before it
  /// @param moreTools further entries of `tools`, each with a comma before it
  private String agent(String config, String more, String moreTools) throws Exception {
    Answer created =
        stage
            .api()
            .post(
                "/v1/agents",
                """
                {"name":"at a lab","model":"%s"%s,
                 "tools":[{"type":"agent_toolset_20260401"%s},
                  {"type":"custom","name":"weather","description":"Tells the weather",
                   "input_schema":{"type":"object","properties":{"about":{"type":"string"}}}}%s]}
                """
                    .formatted(Stage.MODEL, more, config, moreTools));
    assertEquals(200, created.status(), created.text());
    return created.id();
  }

  private OpenSession session(Script script) throws Exception {
    return lab.session(agent("", "", ""), script);
  }

  /// The turn's last event: those before it only said that calls are outstanding.
  private static JsonNode end(OpenSession session) throws InterruptedException {
    return session.await(
        "session.status_idle",
        PATIENCE,
        idle -> !idle.at("/stop_reason/type").asText().equals("requires_action"));
  }

  private static ToolOutcome outcome(OpenSession session, int request, int call) {
    return session.script().requests().get(request - 1).toolResults().get(call);
  }

  private static Block weather(String about) {
    return Block.ToolUse.of("weather", "{\"about\":\"" + about + "\"}");
  }

  @Test
  void a_worker_runs_commands_in_its_directory_and_its_own_tools_beside() throws Exception {
    try (Worker worker = worker("runs");
        OpenSession session =
            session(
                Script.of(
                    Reply.message(Block.ToolUse.bash("pwd; echo made > made.txt"), weather("Bern")),
                    Reply.message(Block.ToolUse.bash("cat made.txt; (exit 3)")),
                    Reply.text("done")))) {
      session.send("Go");
      JsonNode idle = end(session);

      assertEquals("end_turn", idle.at("/stop_reason/type").asText(), worker::output);
      assertEquals(directory.toString(), outcome(session, 2, 0).text().strip());
      assertEquals("sunny in Bern", outcome(session, 2, 1).text());
      assertEquals("made", outcome(session, 3, 0).text().strip());
      assertTrue(outcome(session, 3, 0).isError());
      assertTrue(Files.exists(directory.resolve("made.txt")));
      List<JsonNode> calls = session.listed("agent.tool_use");
      List<JsonNode> results = session.listed("user.tool_result");
      assertEquals(2, results.size(), session::describe);
      assertEquals(calls.get(0).path("id"), results.get(0).path("tool_use_id"));
      assertEquals(calls.get(1).path("id"), results.get(1).path("tool_use_id"));
      assertEquals(1, session.listed("user.custom_tool_result").size(), session::describe);
      assertEquals(List.of(), session.listed("agent.tool_result"));
    }
  }

  @Test
  void a_second_turn_after_the_worker_has_left_the_session_is_served_again() throws Exception {
    try (Worker worker = worker("again");
        OpenSession session =
            session(
                Script.of(
                    Reply.bash("echo one"),
                    Reply.text("ok"),
                    Reply.bash("echo two"),
                    Reply.text("ok")))) {
      session.send("One");
      end(session);
      Patience.until(PATIENCE, worker::output, () -> lab.items().stream().allMatch(Lab::isStopped));
      session.send("Two");
      JsonNode idle = end(session);

      assertEquals("end_turn", idle.at("/stop_reason/type").asText(), worker::output);
      assertEquals("two", outcome(session, 4, 0).text().strip());
      assertEquals(2, session.listed("user.tool_result").size(), session::describe);
    }
  }

  @Test
  void pages_and_mcp_servers_are_asked_by_the_server_itself() throws Exception {
    HttpServer site = site();
    try (TrackerServer tracker = TrackerServer.start();
        Worker worker = worker("web");
        OpenSession session =
            lab.session(
                agent(
                    "",
                    ",\"mcp_servers\":[{\"type\":\"url\",\"name\":\"tracker\",\"url\":\"%s\"}]"
                        .formatted(tracker.url()),
                    """
                    ,{"type":"mcp_toolset","mcp_server_name":"tracker",
                      "default_config":{"permission_policy":{"type":"always_allow"}}}
                    """),
                Script.of(
                    Reply.message(
                        Block.ToolUse.of(
                            "web_fetch",
                            "{\"url\":\"http://127.0.0.1:%d/\"}"
                                .formatted(site.getAddress().getPort())),
                        Block.ToolUse.of("mcp__tracker__search", "{\"about\":\"fire\"}"),
                        Block.ToolUse.bash("echo here")),
                    Reply.text("done")))) {
      session.send("Go");
      JsonNode idle = end(session);

      assertEquals("end_turn", idle.at("/stop_reason/type").asText(), worker::output);
      assertTrue(outcome(session, 2, 0).text().contains("It rains"), session::describe);
      assertTrue(outcome(session, 2, 1).text().contains("found fire"), session::describe);
      assertEquals("here", outcome(session, 2, 2).text().strip());
      JsonNode fetched = session.listed("agent.tool_use").getFirst();
      assertEquals(
          List.of(fetched.path("id")),
          session.listed("agent.tool_result").stream().map(r -> r.path("tool_use_id")).toList());
      assertEquals(1, session.listed("agent.mcp_tool_result").size());
      assertEquals(1, session.listed("user.tool_result").size());
      assertEquals(List.of("search fire"), tracker.called());
      assertEquals(List.of(), tracker.faults());
    } finally {
      site.stop(0);
    }
  }

  @Test
  void a_call_that_is_asked_for_is_held_until_it_is_confirmed() throws Exception {
    String asking = ",\"default_config\":{\"permission_policy\":{\"type\":\"always_ask\"}}";
    try (Worker worker = worker("asks");
        OpenSession session =
            lab.session(
                agent(asking, "", ""),
                Script.of(
                    Reply.message(
                        Block.ToolUse.bash("touch allowed"),
                        Block.ToolUse.bash("touch denied"),
                        weather("Bern")),
                    Reply.text("done")))) {
      session.send("Go");
      session.await("user.custom_tool_result", PATIENCE, event -> true);
      boolean early = Files.exists(directory.resolve("allowed"));
      List<JsonNode> calls = session.listed("agent.tool_use");
      session.post(Events.confirmation(calls.get(1), "deny"));
      session.post(Events.confirmation(calls.get(0), "allow"));
      JsonNode idle = end(session);

      assertFalse(early, worker::output);
      assertEquals("ask", calls.get(0).path("evaluated_permission").asText());
      assertEquals("end_turn", idle.at("/stop_reason/type").asText(), worker::output);
      assertTrue(Files.exists(directory.resolve("allowed")));
      assertFalse(Files.exists(directory.resolve("denied")));
      assertFalse(outcome(session, 2, 0).isError());
      assertTrue(outcome(session, 2, 1).isError());
      assertEquals(1, session.listed("user.tool_result").size(), session::describe);
    }
  }

  /// The command hangs the first time it is run and ends at once the second time.
  @Test
  void when_a_worker_is_killed_another_one_takes_over_and_each_call_has_one_result()
      throws Exception {
    String command = "echo run >> runs; [ $(wc -l < runs) -gt 1 ] || sleep 100; echo finished";
    try (Worker first = worker("first");
        OpenSession session =
            session(
                Script.of(
                    Reply.message(weather("Bern"), Block.ToolUse.bash(command)),
                    Reply.bash("echo after"),
                    Reply.text("done")))) {
      session.send("Go");
      Patience.until(
          PATIENCE,
          () -> first.output() + session.describe(),
          () -> Files.exists(directory.resolve("runs")));
      session.await("user.custom_tool_result", PATIENCE, event -> true);
      String waitsFor =
          "[\"%s\"]".formatted(session.listed("agent.tool_use").getFirst().path("id").asText());
      session.await(
          "session.status_idle",
          PATIENCE,
          idle -> idle.at("/stop_reason/event_ids").toString().equals(waitsFor));
      first.kill();
      try (Worker second = worker("second")) {
        JsonNode idle = end(session);

        assertEquals("end_turn", idle.at("/stop_reason/type").asText(), second::output);
        assertEquals("sunny in Bern", outcome(session, 2, 0).text());
        assertEquals("finished", outcome(session, 2, 1).text().strip());
        assertEquals("after", outcome(session, 3, 0).text().strip());
        assertEquals(List.of("run", "run"), Files.readAllLines(directory.resolve("runs")));
        assertEquals(2, session.listed("user.tool_result").size(), session::describe);
        assertEquals(1, session.listed("user.custom_tool_result").size(), session::describe);
        assertEquals(List.of(), session.listed("session.error"));
      }
    }
  }

  @Test
  void a_worker_whose_key_is_revoked_stops() throws Exception {
    try (Worker worker = worker("revoked")) {
      Patience.until(
          PATIENCE, worker::output, () -> lab.stats().path("workers_polling").asInt() == 1);
      lab.revoke();
      int code = worker.awaitExit();

      assertEquals(Worker.REFUSED, code, worker::output);
      assertTrue(worker.output().contains("worker refused with 401"), worker::output);
      assertEquals(401, lab.send("GET", lab.work("/poll"), lab.key()).status());
    }
  }

  private static HttpServer site() throws IOException {
    HttpServer site = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 16);
    byte[] page = "<html><body><h1>It rains</h1></body></html>".getBytes(StandardCharsets.UTF_8);
    site.createContext(
        "/",
        exchange -> {
          exchange.getResponseHeaders().add("Content-Type", "text/html; charset=utf-8");
          exchange.sendResponseHeaders(200, page.length);
          exchange.getResponseBody().write(page);
          exchange.close();
        });
    site.start();
    return site;
  }
}
