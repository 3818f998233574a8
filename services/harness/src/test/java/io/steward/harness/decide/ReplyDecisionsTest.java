package io.steward.harness.decide;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.harness.stage.Sessions;
import io.steward.schemas.agent.PermissionPolicy;
import io.steward.schemas.event.Evaluation;
import io.steward.schemas.event.Evaluation.Permission;
import io.steward.schemas.event.RequestUsage;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.sandbox.SandboxCommand;
import io.steward.schemas.session.Step;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReplyDecisionsTest {
  private static Decision replied(Given given, String reason, JsonNode... blocks) {
    String span = ((Step.AwaitModel) given.next()).spanId();
    return given.replies.replied(given.live(), span, Given.reply(reason, blocks), Given.NOW);
  }

  @Test
  void events_come_in_the_order_of_the_blocks_and_neighbours_are_one_event() {
    Given given = Given.cloudSession().asked();

    Decision decision =
        replied(
            given,
            "tool_use",
            Given.thinking(),
            Given.thinking(),
            Given.text("a"),
            Given.text("b"),
            Given.call("toolu_1", "bash"),
            Given.call("toolu_2", "read"));

    assertEquals(
        List.of(
            "agent.thinking",
            "agent.message",
            "agent.tool_use",
            "agent.tool_use",
            "model.response",
            "span.model_request_end"),
        Given.types(decision));
    assertEquals(2, decision.commands().size());
    assertInstanceOf(Step.AwaitTools.class, given.readBack(decision).next());
  }

  @Test
  void announced_events_come_under_their_ids() {
    Given given = Given.cloudSession().asked();
    String span = ((Step.AwaitModel) given.next()).spanId();
    ModelOutcome.Replied reply =
        new ModelOutcome.Replied(
            List.of(
                Given.thinking(),
                Given.text("a"),
                Given.text("b"),
                Given.call("toolu_1", "bash"),
                Given.text("c")),
            Map.of(0, "sevt_thinking", 1, "sevt_ab", 4, "sevt_c"),
            "refusal",
            null,
            RequestUsage.NONE,
            Map.of());

    Decision decision = given.replies.replied(given.live(), span, reply, Given.NOW);

    assertEquals(
        "sevt_thinking", Given.events(decision, SessionEvent.AgentThinking.class).getFirst().id());
    assertEquals(
        List.of("sevt_ab", "sevt_c"),
        Given.events(decision, SessionEvent.AgentMessage.class).stream()
            .map(SessionEvent.AgentMessage::id)
            .toList());
  }

  @Test
  void a_reply_without_text_has_no_message() {
    Given given = Given.cloudSession().asked();

    Decision decision = replied(given, "end_turn");

    assertEquals(List.of("model.response", "span.model_request_end"), Given.types(decision));
    assertInstanceOf(Step.EndTurn.class, given.readBack(decision).next());
  }

  @Test
  void a_call_that_needs_a_word_is_not_commanded() {
    Given given = Given.session("cloud", Sessions.toolset(new PermissionPolicy.Auto())).asked();

    Decision decision = replied(given, "tool_use", Given.call("toolu_1", "bash"));

    SessionEvent.AgentToolUse use =
        Given.events(decision, SessionEvent.AgentToolUse.class).getFirst();
    assertEquals(Permission.ASK, use.evaluatedPermission());
    assertEquals(
        new Evaluation.Auto(new Evaluation.Judgement(Permission.ASK, "indeterminate")),
        use.evaluation());
    assertTrue(decision.commands().isEmpty());
    assertInstanceOf(Step.AskClient.class, given.readBack(decision).next());
  }

  @Test
  void a_tool_that_is_not_offered_is_denied_without_evaluation() {
    Given given = Given.cloudSession().asked();

    Decision decision =
        replied(given, "tool_use", Given.call("toolu_1", "web_search"), Given.call("t2", "bash"));

    SessionEvent.AgentToolUse use =
        Given.events(decision, SessionEvent.AgentToolUse.class).getFirst();
    assertEquals(Permission.DENY, use.evaluatedPermission());
    assertNull(use.evaluation());
    assertEquals("agent.tool_result", Given.types(decision).getLast());
    assertEquals(1, decision.commands().size());
    assertInstanceOf(Step.AwaitTools.class, given.readBack(decision).next());
  }

  @Test
  void when_every_call_is_denied_the_model_reads_it_next() {
    Given given = Given.session("cloud").asked();

    Decision decision = replied(given, "tool_use", Given.call("toolu_1", "bash"));

    assertInstanceOf(Step.CallModel.class, given.readBack(decision).next());
  }

  @Test
  void a_call_of_a_refused_reply_does_not_run() {
    Given given = Given.cloudSession().asked();

    Decision decision = replied(given, "refusal", Given.text("No."), Given.call("toolu_1", "bash"));

    assertTrue(decision.commands().isEmpty());
    assertTrue(Given.events(decision, SessionEvent.AgentToolUse.class).isEmpty());
    assertInstanceOf(Step.EndTurn.class, given.readBack(decision).next());
  }

  @Test
  void calls_of_a_self_hosted_environment_go_to_no_sandbox() {
    Given given = Given.session("self_hosted", Sessions.TOOLSET).asked();

    Decision decision = replied(given, "tool_use", Given.call("toolu_1", "bash"));

    assertTrue(decision.commands().isEmpty());
  }

  @Test
  void the_command_carries_the_timeout_the_model_asked_for() {
    Given given = Given.cloudSession().asked();
    JsonNode call = Given.call("toolu_1", "bash");
    ((com.fasterxml.jackson.databind.node.ObjectNode) call.path("input")).put("timeout_ms", 5000);

    Decision decision = replied(given, "tool_use", call);

    assertEquals(5000L, ((SandboxCommand.RunTool) decision.commands().getFirst()).timeoutMs());
  }
}
