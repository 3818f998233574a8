package io.steward.harness.decide;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.harness.stage.Sessions;
import io.steward.schemas.agent.AgentTool;
import io.steward.schemas.agent.PermissionPolicy;
import io.steward.schemas.agent.ToolConfig;
import io.steward.schemas.sandbox.SandboxCommand;
import io.steward.schemas.session.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpeculationTest {
  private static final Duration LIVES = Duration.ofMinutes(10);
  private static final Speculation AUTO = new Speculation(true, 0.8, 5, LIVES);
  private static final ToolHabit ALWAYS = new ToolHabit(5, 0b11111);

  private static Decision started(Given given) {
    return given.steps.startTurn(given.live(), (Step.StartTurn) given.next(), Given.NOW);
  }

  private static boolean asks(Decision decision, ToolHabit habit, @Nullable Instant sandboxUsedAt) {
    return AUTO.ahead(decision, habit, sandboxUsedAt).isPresent();
  }

  @Test
  void an_agent_that_calls_tools_has_a_sandbox_prepared_with_its_first_request() {
    Given given = Given.cloudSession().said("Hi");

    SandboxCommand.PrepareSandbox prepare = AUTO.ahead(started(given), ALWAYS, null).orElseThrow();

    assertEquals(given.live().facts().id(), prepare.sessionId());
    assertEquals(given.live().facts().environment().id(), prepare.environmentId());
    assertEquals(given.live().facts().environment().config(), prepare.environmentConfig());
    assertEquals(given.live().facts().mounts(), prepare.mounts());
    assertEquals(given.live().facts().network(), prepare.network());
  }

  @ParameterizedTest
  @CsvSource({"5, 31, true", "5, 30, true", "5, 28, false", "4, 15, false", "0, 0, false"})
  void the_habit_decides(int turns, int called, boolean asks) {
    Decision decision = started(Given.cloudSession().said("Hi"));

    assertEquals(asks, asks(decision, new ToolHabit(turns, called), null));
  }

  @Test
  void it_can_be_off() {
    Decision decision = started(Given.cloudSession().said("Hi"));

    assertEquals(Optional.empty(), Speculation.OFF.ahead(decision, ALWAYS, null));
  }

  @Test
  void a_sandbox_that_was_called_lately_is_taken_to_live() {
    Decision decision = started(Given.cloudSession().said("Hi"));

    assertEquals(false, asks(decision, ALWAYS, Given.NOW.minus(LIVES).plusSeconds(1)));
    assertTrue(asks(decision, ALWAYS, Given.NOW.minus(LIVES).minusSeconds(1)));
  }

  @Test
  void no_other_request_of_the_turn_asks() {
    Given given = Given.cloudSession().asked().replied(Given.call("toolu_1", "bash")).interrupted();
    given.readBack(given.steps.interrupt(given.live(), (Step.Interrupt) given.next(), Given.NOW));
    Given failed = Given.cloudSession().asked();

    assertTrue(asks(started(given.said("Again")), ALWAYS, null));
    assertEquals(
        false,
        asks(
            failed.steps.reopen(failed.live(), (Step.AwaitModel) failed.next(), Given.NOW),
            ALWAYS,
            null));
  }

  @Test
  void a_step_that_asks_no_model_asks_for_no_sandbox() {
    Decision decision = started(Given.cloudSession().said("Hi").interrupted());

    assertEquals(false, asks(decision, ALWAYS, null));
  }

  @Test
  void where_no_call_can_need_a_sandbox_none_is_prepared() {
    AgentTool web =
        new AgentTool.AgentToolset(
            new AgentTool.DefaultConfig(false, new PermissionPolicy.AlwaysAllow()),
            List.of(
                new ToolConfig.WebFetch(
                    true, new PermissionPolicy.AlwaysAllow(), null, null, null, null)));

    assertEquals(
        false,
        asks(started(Given.session("self_hosted", Sessions.TOOLSET).said("Hi")), ALWAYS, null));
    assertEquals(false, asks(started(Given.session("cloud", web).said("Hi")), ALWAYS, null));
    assertEquals(
        false,
        asks(started(Given.session("cloud", Sessions.custom("weather")).said("Hi")), ALWAYS, null));
  }

  @ParameterizedTest
  @CsvSource({
    "on, 0.8, 5, 'steward.turn.speculation.mode must be auto or off, got on'",
    "auto, 1.1, 5, 'steward.turn.speculation.share-min must be from 0 to 1, got 1.1'",
    "auto, NaN, 5, 'steward.turn.speculation.share-min must be from 0 to 1, got NaN'",
    "auto, 0.8, 0, 'steward.turn.speculation.turns-min must be from 1 to 20, got 0'",
    "auto, 0.8, 21, 'steward.turn.speculation.turns-min must be from 1 to 20, got 21'"
  })
  void a_setting_that_cannot_be_is_refused(
      String mode, double shareMin, int turnsMin, String message) {
    assertEquals(
        message,
        assertThrows(
                IllegalArgumentException.class,
                () -> Speculation.of(mode, shareMin, turnsMin, LIVES))
            .getMessage());
  }
}
