package io.steward.harness.decide;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.steward.harness.stage.Sessions;
import io.steward.schemas.agent.McpServer;
import io.steward.schemas.agent.PermissionPolicy;
import io.steward.schemas.egress.EgressCommand;
import io.steward.schemas.egress.McpTool;
import io.steward.schemas.egress.McpToolList;
import io.steward.schemas.event.ContentBlock;
import io.steward.schemas.event.ErrorDetail;
import io.steward.schemas.event.Evaluation.Permission;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.sandbox.SandboxMount;
import io.steward.schemas.sandbox.ToolResult;
import io.steward.schemas.session.Step;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Turns of an agent with an MCP server.
class McpDecisionsTest {
  private static final McpServer TRACKER = new McpServer("tracker", "https://mcp.example.com/mcp");
  private static final SessionId ID = new SessionId("sesn_011111111111111111111111");
  private static final String SEARCH = "mcp__tracker__search";

  @Test
  void the_model_is_asked_when_the_server_has_told_its_tools() {
    Given given = begun(new PermissionPolicy.AlwaysAllow());

    Step.AwaitMcpServers await = assertInstanceOf(Step.AwaitMcpServers.class, given.next());
    Decision ask = given.servers.ask(given.live(), await.pending(), Given.NOW);
    EgressCommand.ListMcpTools command =
        assertInstanceOf(EgressCommand.ListMcpTools.class, ask.egress().getFirst());
    Decision told =
        given.servers.settled(given.live(), List.of(tools(command.attempt())), Given.NOW);

    assertEquals(List.of(TRACKER), await.pending());
    assertEquals(TRACKER.url(), command.url());
    assertTrue(ask.records().isEmpty());
    assertEquals(List.of("mcp.server_settled", "span.model_request_start"), Given.types(told));
  }

  @Test
  void the_session_goes_on_without_a_server_that_fails_and_asks_again_with_its_next_turn() {
    Given given = begun(new PermissionPolicy.AlwaysAllow());

    Decision failed = given.servers.settled(given.live(), List.of(failure("list_1")), Given.NOW);
    given.readBack(failed).replied(Given.text("Hello."));
    given.readBack(given.steps.endTurn(given.live(), (Step.EndTurn) given.next(), Given.NOW));
    boolean pendingWhileIdle = !given.live().facts().pendingMcpServers().isEmpty();
    given.said("Again");
    given.readBack(given.steps.startTurn(given.live(), (Step.StartTurn) given.next(), Given.NOW));

    ErrorDetail error = Given.events(failed, SessionEvent.SessionError.class).getFirst().error();
    assertEquals(ErrorDetail.MCP_AUTHENTICATION_FAILED, error.type());
    assertEquals("tracker", error.mcpServerName());
    assertEquals(ErrorDetail.Kind.RETRYING, error.retryStatus().type());
    assertFalse(pendingWhileIdle);
    assertInstanceOf(Step.AwaitMcpServers.class, given.next());
  }

  @Test
  void a_server_that_says_nothing_is_given_up() {
    Given given = begun(new PermissionPolicy.AlwaysAllow());
    Step.AwaitMcpServers await = (Step.AwaitMcpServers) given.next();

    Decision decision = given.servers.givenUp(given.live(), await, await.until());

    assertEquals(
        List.of("mcp.server_settled", "session.error", "span.model_request_start"),
        Given.types(decision));
  }

  @Test
  void a_call_goes_to_the_server_and_its_result_is_of_its_own_family() {
    Given given = asked(new PermissionPolicy.AlwaysAllow());

    Decision called = replied(given);
    EgressCommand.CallMcpTool command =
        assertInstanceOf(EgressCommand.CallMcpTool.class, called.egress().getFirst());
    Step.AwaitTools await = (Step.AwaitTools) given.readBack(called).next();
    Decision answered =
        given.replies.toolsAnswered(
            given.live(), await.calls(), List.of(result(command.toolUseId())), Given.NOW);

    SessionEvent.AgentMcpToolUse use =
        Given.events(called, SessionEvent.AgentMcpToolUse.class).getFirst();
    assertEquals("tracker", use.mcpServerName());
    assertEquals("search", use.name());
    assertEquals("search", command.toolName());
    assertEquals(use.id(), command.toolUseId());
    assertTrue(called.commands().isEmpty());
    assertEquals(List.of("agent.mcp_tool_result"), Given.types(answered));
    assertInstanceOf(Step.CallModel.class, given.readBack(answered).next());
  }

  @Test
  void a_result_that_is_too_long_is_a_file_for_the_commands_that_follow() {
    Given given = asked(new PermissionPolicy.AlwaysAllow());
    Decision called = replied(given);
    Step.AwaitTools await = (Step.AwaitTools) given.readBack(called).next();
    String id = await.calls().getFirst().id();
    ToolResult tooLong =
        new ToolResult(
            ID,
            id,
            ToolResult.Outcome.COMPLETED,
            false,
            List.of(new ContentBlock.Text("Beginning")),
            3,
            new ToolResult.Kept("blob", 240_000, 230_000));

    Decision answered =
        given.replies.toolsAnswered(given.live(), await.calls(), List.of(tooLong), Given.NOW);
    given.readBack(answered);

    assertEquals(List.of("tool.output_kept", "agent.mcp_tool_result"), Given.types(answered));
    ContentBlock.Text where =
        (ContentBlock.Text)
            Given.events(answered, SessionEvent.AgentMcpToolResult.class)
                .getFirst()
                .content()
                .getLast();
    String path = "/mnt/session/uploads/tool-results/" + id + ".txt";
    assertTrue(where.text().contains("230000 characters and is in the file " + path), where.text());
    assertEquals(
        List.of(new SandboxMount.FileMount(path, "blob", 240_000)), given.live().facts().mounts());
  }

  @Test
  void a_call_that_needs_a_word_waits_for_it() {
    Given given = asked(new PermissionPolicy.AlwaysAsk());

    Decision called = replied(given);
    SessionEvent.AgentMcpToolUse use =
        Given.events(called, SessionEvent.AgentMcpToolUse.class).getFirst();
    given.readBack(called);
    given.readBack(given.steps.askClient(given.live(), (Step.AskClient) given.next(), Given.NOW));
    given.record(
        new SessionRecord.EventsSent(
            List.of(
                new SessionEvent.UserToolConfirmation(
                    "sevt_yes", use.id(), SessionEvent.Verdict.ALLOW, null, null))));
    Decision resumed = given.steps.resume(given.live(), (Step.Resume) given.next(), Given.NOW);

    assertEquals(Permission.ASK, use.evaluatedPermission());
    assertTrue(called.egress().isEmpty());
    assertInstanceOf(EgressCommand.CallMcpTool.class, resumed.egress().getFirst());
  }

  @Test
  void a_denied_call_has_an_error_result_of_its_own_family() {
    Given given = asked(new PermissionPolicy.AlwaysAsk());
    Decision called = replied(given);
    String id = Given.events(called, SessionEvent.AgentMcpToolUse.class).getFirst().id();
    given.readBack(called);
    given.readBack(given.steps.askClient(given.live(), (Step.AskClient) given.next(), Given.NOW));
    given.record(
        new SessionRecord.EventsSent(
            List.of(
                new SessionEvent.UserToolConfirmation(
                    "sevt_no", id, SessionEvent.Verdict.DENY, "Not now.", null))));

    Decision resumed = given.steps.resume(given.live(), (Step.Resume) given.next(), Given.NOW);

    SessionEvent.AgentMcpToolResult result =
        Given.events(resumed, SessionEvent.AgentMcpToolResult.class).getFirst();
    assertEquals(List.of(new ContentBlock.Text("Not now.")), result.content());
    assertEquals(Boolean.TRUE, result.isError());
    assertTrue(resumed.egress().isEmpty());
  }

  @Test
  void an_interrupt_stops_a_running_call() {
    Given given = asked(new PermissionPolicy.AlwaysAllow());
    Decision called = replied(given);
    given.readBack(called).interrupted();

    Decision interrupted =
        given.steps.interrupt(given.live(), (Step.Interrupt) given.next(), Given.NOW);

    String id = Given.events(called, SessionEvent.AgentMcpToolUse.class).getFirst().id();
    assertEquals(List.of(new EgressCommand.CancelCalls(ID, List.of(id))), interrupted.egress());
    assertTrue(interrupted.commands().isEmpty());
    assertEquals(1, Given.events(interrupted, SessionEvent.AgentMcpToolResult.class).size());
  }

  @Test
  void a_call_of_a_tool_the_server_does_not_have_is_denied() {
    Given given = asked(new PermissionPolicy.AlwaysAllow());

    Decision decision =
        given.replies.replied(
            given.live(),
            ((Step.AwaitModel) given.next()).spanId(),
            Given.reply("tool_use", Given.call("toolu_1", "mcp__tracker__drop")),
            Given.NOW);

    SessionEvent.AgentToolUse use =
        Given.events(decision, SessionEvent.AgentToolUse.class).getFirst();
    assertEquals(Permission.DENY, use.evaluatedPermission());
    assertNull(use.evaluation());
    assertTrue(decision.egress().isEmpty());
  }

  @Test
  void what_nobody_asked_for_counts_when_it_is_news() {
    Given given = asked(new PermissionPolicy.AlwaysAllow());

    assertFalse(McpDecisions.tells(given.live(), tools(null)));
    assertFalse(McpDecisions.tells(given.live(), failure("list_of_old")));
    assertTrue(McpDecisions.tells(given.live(), failure(null)));
    assertTrue(McpDecisions.tells(given.live(), list(null, List.of(), null)));
    assertFalse(
        McpDecisions.tells(
            given.live(),
            new McpToolList(
                ID, "tracker", "https://other.example.com", null, List.of(), null, null)));
  }

  @Test
  void a_server_that_breaks_within_a_turn_is_left_out_from_then_on() {
    Given given = asked(new PermissionPolicy.AlwaysAllow());

    given.readBack(given.servers.settled(given.live(), List.of(failure(null)), Given.NOW));

    assertTrue(given.live().facts().pendingMcpServers().isEmpty());
    assertFalse(McpDecisions.tells(given.live(), failure(null)));
    assertInstanceOf(Step.AwaitModel.class, given.next());
  }

  private static Given begun(PermissionPolicy policy) {
    Given given =
        new Given()
            .record(
                Sessions.created(
                    ID,
                    "cloud",
                    ID.value(),
                    List.of(Sessions.mcpToolset("tracker", policy)),
                    List.of(TRACKER),
                    List.of(),
                    null));
    given.said("Hi");
    return given.readBack(
        given.steps.startTurn(given.live(), (Step.StartTurn) given.next(), Given.NOW));
  }

  private static Given asked(PermissionPolicy policy) {
    Given given = begun(policy);
    return given.readBack(given.servers.settled(given.live(), List.of(tools("list_1")), Given.NOW));
  }

  private static Decision replied(Given given) {
    return given.replies.replied(
        given.live(),
        ((Step.AwaitModel) given.next()).spanId(),
        Given.reply("tool_use", Given.call("toolu_1", SEARCH)),
        Given.NOW);
  }

  private static McpToolList tools(@Nullable String attempt) {
    McpTool search =
        new McpTool(
            "search", "Finds.", JsonNodeFactory.instance.objectNode().put("type", "object"));
    return list(attempt, List.of(search), null);
  }

  private static McpToolList failure(@Nullable String attempt) {
    return list(attempt, null, ErrorDetail.MCP_AUTHENTICATION_FAILED);
  }

  private static McpToolList list(
      @Nullable String attempt, @Nullable List<McpTool> tools, @Nullable String error) {
    return new McpToolList(
        ID,
        TRACKER.name(),
        TRACKER.url(),
        attempt,
        tools,
        error,
        error == null ? null : "The server refused the credential.");
  }

  private static ToolResult result(String id) {
    return new ToolResult(
        ID, id, ToolResult.Outcome.COMPLETED, false, List.of(new ContentBlock.Text("Found.")), 3);
  }
}
