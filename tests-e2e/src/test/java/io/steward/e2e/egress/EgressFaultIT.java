package io.steward.e2e.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.e2e.model.Reply;
import io.steward.e2e.model.Script;
import io.steward.e2e.model.ToolOutcome;
import io.steward.e2e.stage.OpenSession;
import io.steward.e2e.stage.Patience;
import io.steward.e2e.stage.Processes;
import io.steward.e2e.stage.Stage;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Calls of MCP servers run at most once, whatever dies.
class EgressFaultIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @Test
  void a_call_that_dies_with_its_process_has_one_result_that_says_nobody_knows() throws Exception {
    try (Stage stage = Stage.set("egress-fault");
        TrackerServer tracker = TrackerServer.start()) {
      String agent = Setting.agent(stage, tracker.url(), Setting.ALLOWED);
      try (OpenSession session =
          Setting.open(
              stage,
              agent,
              Script.byTurn(
                  Reply.tool("mcp__tracker__slow", "{}"),
                  Reply.tool("mcp__tracker__search", "{\"about\":\"fire\"}"),
                  Reply.text("done")))) {
        session.send("Go");
        Patience.until(PATIENCE, session::describe, () -> !tracker.called().isEmpty());
        Processes.kill(stage.steward().pid("vault-proxy"));
        JsonNode idle = session.awaitIdle(PATIENCE);

        assertEquals("end_turn", idle.at("/stop_reason/type").asText(), session::describe);
        assertEquals(List.of("slow ", "search fire"), tracker.called(), session::describe);
        List<JsonNode> results = session.listed("agent.mcp_tool_result");
        assertEquals(2, results.size(), session::describe);
        assertTrue(results.getFirst().path("is_error").asBoolean());
        assertTrue(OpenSession.text(results.getFirst()).contains("unknown"), results.toString());
        ToolOutcome unknown = session.script().requests().get(1).toolResults().getFirst();
        assertTrue(unknown.isError());
      }
    }
  }

  @Test
  void a_call_goes_on_when_the_harness_that_asked_for_it_dies() throws Exception {
    try (Stage stage = Stage.set("egress-fault");
        TrackerServer tracker = TrackerServer.start()) {
      String agent = Setting.agent(stage, tracker.url(), Setting.ALLOWED);
      try (OpenSession session =
          Setting.open(
              stage,
              agent,
              Script.byTurn(Reply.tool("mcp__tracker__slow", "{}"), Reply.text("done")))) {
        session.send("Go");
        Patience.until(PATIENCE, session::describe, () -> !tracker.called().isEmpty());
        long old = stage.steward().pid("harness");
        Processes.kill(old);
        Patience.until(
            PATIENCE, session::describe, () -> stage.steward().hasRestarted("harness", old));
        tracker.goOn();
        JsonNode idle = session.awaitIdle(PATIENCE);

        assertEquals("end_turn", idle.at("/stop_reason/type").asText(), session::describe);
        assertEquals(List.of("slow "), tracker.called(), session::describe);
        JsonNode result = session.listed("agent.mcp_tool_result").getFirst();
        assertEquals("slow found  for null", OpenSession.text(result));
      }
    }
  }
}
