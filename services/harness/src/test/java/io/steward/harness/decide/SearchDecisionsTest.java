package io.steward.harness.decide;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.steward.harness.request.Searcher;
import io.steward.schemas.agent.AgentTool;
import io.steward.schemas.agent.PermissionPolicy;
import io.steward.schemas.agent.ToolConfig;
import io.steward.schemas.egress.EgressCommand;
import io.steward.schemas.event.Evaluation.Permission;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.session.Step;
import io.steward.schemas.session.ToolCall;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Calls of `web_search`, whoever searches.
class SearchDecisionsTest {
  private static final ToolConfig.UserLocation BONN =
      new ToolConfig.UserLocation("Bonn", null, "DE", null);

  private static AgentTool toolset(PermissionPolicy policy) {
    ToolConfig search = new ToolConfig.WebSearch(true, policy, List.of("example.com"), null, BONN);
    return new AgentTool.AgentToolset(new AgentTool.DefaultConfig(true, policy), List.of(search));
  }

  private static Decision called(Given given) {
    ObjectNode call = (ObjectNode) Given.call("toolu_1", ToolConfig.WEB_SEARCH);
    call.set("input", JsonNodeFactory.instance.objectNode().put("query", "rain"));
    return given.replies.replied(
        given.live(),
        ((Step.AwaitModel) given.next()).spanId(),
        Given.reply("tool_use", call),
        Given.NOW);
  }

  private static Given asked(Searcher searcher, String environment) {
    return Given.session(searcher, environment, toolset(new PermissionPolicy.AlwaysAllow()))
        .asked();
  }

  @ParameterizedTest
  @ValueSource(strings = {"cloud", "self_hosted"})
  void vault_proxy_is_told_what_to_search_and_where(String environment) {
    Given given = asked(Searcher.VAULT_PROXY, environment);

    Decision decision = called(given);

    SessionEvent.AgentToolUse use =
        Given.events(decision, SessionEvent.AgentToolUse.class).getFirst();
    assertEquals(
        new EgressCommand.SearchWeb(
            given.live().facts().id(), use.id(), use.input(), List.of("example.com"), null, BONN),
        decision.egress().getFirst());
    assertTrue(decision.commands().isEmpty());
    ToolCall call =
        assertInstanceOf(Step.AwaitTools.class, given.readBack(decision).next()).calls().getFirst();
    assertFalse(given.steps.searches(call));
  }

  @Test
  void a_search_of_this_harness_is_awaited_without_a_command() {
    Given given = asked(Searcher.PROVIDER, "cloud");

    Decision decision = called(given);

    assertTrue(decision.egress().isEmpty());
    ToolCall call =
        assertInstanceOf(Step.AwaitTools.class, given.readBack(decision).next()).calls().getFirst();
    assertTrue(given.steps.searches(call));
    EgressCommand.SearchWeb search = given.steps.search(given.live(), call);
    assertEquals(call.id(), search.toolUseId());
    assertEquals("rain", search.input().path("query").asText());
    assertEquals(List.of("example.com"), search.allowedDomains());
  }

  @Test
  void an_interrupt_commands_nothing_for_a_search_of_this_harness() {
    Given given = asked(Searcher.PROVIDER, "cloud");
    given.readBack(called(given)).interrupted();

    Decision decision =
        given.steps.interrupt(given.live(), (Step.Interrupt) given.next(), Given.NOW);

    assertTrue(decision.egress().isEmpty());
    assertEquals(1, Given.events(decision, SessionEvent.AgentToolResult.class).size());
  }

  @Test
  void an_interrupt_cancels_a_search_of_vault_proxy() {
    Given given = asked(Searcher.VAULT_PROXY, "cloud");
    given.readBack(called(given)).interrupted();

    Decision decision =
        given.steps.interrupt(given.live(), (Step.Interrupt) given.next(), Given.NOW);

    assertInstanceOf(EgressCommand.CancelCalls.class, decision.egress().getFirst());
  }

  @ParameterizedTest
  @ValueSource(strings = {"VAULT_PROXY", "PROVIDER"})
  void a_search_that_needs_a_word_begins_when_it_was_allowed(Searcher searcher) {
    Given given =
        Given.session(searcher, "cloud", toolset(new PermissionPolicy.AlwaysAsk())).asked();
    Decision decision = called(given);
    SessionEvent.AgentToolUse use =
        Given.events(decision, SessionEvent.AgentToolUse.class).getFirst();
    Step.AskClient ask = assertInstanceOf(Step.AskClient.class, given.readBack(decision).next());
    given.readBack(given.steps.askClient(given.live(), ask, Given.NOW));
    given.record(
        new SessionRecord.EventsSent(
            List.of(
                new SessionEvent.UserToolConfirmation(
                    given.id("sevt_c"), use.id(), SessionEvent.Verdict.ALLOW, null, null))));

    Decision resumed = given.steps.resume(given.live(), (Step.Resume) given.next(), Given.NOW);

    assertEquals(Permission.ASK, use.evaluatedPermission());
    assertTrue(decision.egress().isEmpty());
    assertEquals(searcher == Searcher.VAULT_PROXY ? 1 : 0, resumed.egress().size());
    assertInstanceOf(Step.AwaitTools.class, given.readBack(resumed).next());
  }

  @Test
  void where_nobody_searches_the_tool_is_not_there() {
    Given given = asked(Searcher.NOBODY, "cloud");

    Decision decision = called(given);

    SessionEvent.AgentToolUse use =
        Given.events(decision, SessionEvent.AgentToolUse.class).getFirst();
    assertEquals(Permission.DENY, use.evaluatedPermission());
    assertTrue(decision.egress().isEmpty());
  }
}
