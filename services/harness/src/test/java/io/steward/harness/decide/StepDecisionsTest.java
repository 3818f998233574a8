package io.steward.harness.decide;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.harness.stage.Sessions;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.event.StopReason;
import io.steward.schemas.id.Ids;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.sandbox.SandboxCommand;
import io.steward.schemas.session.Phase;
import io.steward.schemas.session.Session;
import io.steward.schemas.session.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class StepDecisionsTest {
  @Test
  void a_turn_starts_with_its_status_the_message_and_the_request() {
    Given given = Given.cloudSession().said("Hi");

    Decision decision =
        given.steps.startTurn(given.live(), (Step.StartTurn) given.next(), Given.NOW);

    assertEquals(
        List.of(
            "session.status_running",
            "session.thread_status_running",
            "user.message",
            "span.model_request_start"),
        Given.types(decision));
    assertNotNull(decision.spanId());
  }

  @Test
  void a_turn_that_is_interrupted_already_asks_no_model() {
    Given given = Given.cloudSession().said("Hi").interrupted();

    Decision decision =
        given.steps.startTurn(given.live(), (Step.StartTurn) given.next(), Given.NOW);

    assertNull(decision.spanId());
    assertInstanceOf(Step.Interrupt.class, given.readBack(decision).next());
  }

  @Test
  void no_event_is_earlier_than_the_one_before_it() {
    Given given = Given.cloudSession().asked();
    Instant earlier = Given.NOW.minus(Duration.ofHours(1));

    Decision decision = given.steps.reopen(given.live(), (Step.AwaitModel) given.next(), earlier);

    assertEquals(Given.NOW, decision.time());
  }

  @Test
  void times_are_milliseconds() {
    Given given = Given.cloudSession().said("Hi");
    Instant now = Given.NOW.plusNanos(567_891);

    Decision decision = given.steps.startTurn(given.live(), (Step.StartTurn) given.next(), now);

    assertEquals(Given.NOW, decision.time());
  }

  @Test
  void an_orphan_request_is_closed_and_the_model_asked_again() {
    Given given = Given.cloudSession().asked();

    Decision decision = given.steps.reopen(given.live(), (Step.AwaitModel) given.next(), Given.NOW);

    assertEquals(
        List.of("span.model_request_end", "span.model_request_start"), Given.types(decision));
    assertEquals(
        true, Given.events(decision, SessionEvent.SpanModelRequestEnd.class).getFirst().isError());
  }

  @Test
  void an_interrupt_closes_every_call_in_its_own_family() {
    Given given =
        Given.session("cloud", Sessions.TOOLSET, Sessions.custom("weather"))
            .asked()
            .replied(Given.call("toolu_1", "bash"), Given.call("toolu_2", "weather"))
            .interrupted();

    Decision decision =
        given.steps.interrupt(given.live(), (Step.Interrupt) given.next(), Given.NOW);

    assertEquals(
        List.of(
            "agent.tool_result",
            "user.custom_tool_result",
            "user.interrupt",
            "session.thread_status_idle",
            "session.usage",
            "session.status_idle"),
        Given.types(decision));
    SessionEvent.UserCustomToolResult result =
        Given.events(decision, SessionEvent.UserCustomToolResult.class).getFirst();
    assertEquals(
        Ids.derived("sevt_", result.customToolUseId() + "user.custom_tool_result"), result.id());
    assertInstanceOf(SandboxCommand.CancelTools.class, decision.commands().getFirst());
    Session after = given.readBack(decision).session;
    assertInstanceOf(Session.Idle.class, after);
    assertInstanceOf(Step.Rest.class, given.next());
  }

  @Test
  void an_interrupted_call_of_a_worker_is_closed_as_the_worker_would() {
    Given given =
        Given.session("self_hosted", Sessions.TOOLSET)
            .asked()
            .replied(Given.call("toolu_1", "bash"))
            .interrupted();

    Decision decision =
        given.steps.interrupt(given.live(), (Step.Interrupt) given.next(), Given.NOW);

    assertEquals("user.tool_result", Given.types(decision).getFirst());
    SessionEvent.UserToolResult result =
        Given.events(decision, SessionEvent.UserToolResult.class).getFirst();
    assertEquals(Ids.derived("sevt_", result.toolUseId() + "user.tool_result"), result.id());
    assertTrue(decision.commands().isEmpty());
  }

  @Test
  void a_turn_with_too_many_rounds_is_exhausted() {
    Given given = Given.cloudSession();
    Step.StopToolRounds step = new Step.StopToolRounds(3);
    given.asked();

    Decision decision = given.steps.stopToolRounds(given.live(), step, Given.NOW);

    SessionEvent.SessionError error =
        Given.events(decision, SessionEvent.SessionError.class).getFirst();
    assertEquals("tool_use_limit_reached_error", error.error().type());
    assertInstanceOf(
        StopReason.RetriesExhausted.class,
        Given.events(decision, SessionEvent.SessionStatusIdle.class).getFirst().stopReason());
  }

  @Test
  void commands_sent_again_carry_the_same_ids_and_write_nothing() {
    Given given = Given.cloudSession().asked().replied(Given.call("toolu_1", "bash"));
    Step.AwaitTools step = (Step.AwaitTools) given.next();

    Decision decision = given.steps.commandAgain(given.live(), step.calls(), Given.NOW);

    assertTrue(decision.records().isEmpty());
    assertEquals(
        step.calls().getFirst().id(),
        ((SandboxCommand.RunTool) decision.commands().getFirst()).toolUseId());
  }

  @Test
  void giving_up_terminates_the_session() {
    Given given = Given.cloudSession().asked();

    Decision decision = given.steps.giveUp(given.live(), Given.NOW);

    assertEquals(List.of("session.error", "session.status_terminated"), Given.types(decision));
    assertEquals(
        List.of(new SandboxCommand.EndSandbox(given.live().facts().id())), decision.commands());
    assertInstanceOf(Session.Terminated.class, given.readBack(decision).session);
  }

  @Test
  void an_archived_session_needs_its_sandbox_no_more() {
    Given cloud = Given.cloudSession();
    Given elsewhere = Given.session("self_hosted", Sessions.TOOLSET);

    assertEquals(
        List.of(new SandboxCommand.EndSandbox(cloud.live().facts().id())),
        archive(cloud).commands());
    assertEquals(List.of(), archive(elsewhere).commands());
  }

  private static Decision archive(Given given) {
    given.record(new SessionRecord.ArchiveRequested(Given.NOW));
    return given.steps.announce(
        given.live(), ((Step.Announce) given.next()).announcement(), Given.NOW);
  }

  @Test
  void the_state_after_a_decision_is_the_one_read_back() {
    Given given = Given.cloudSession().said("Hi");
    Decision decision =
        given.steps.startTurn(given.live(), (Step.StartTurn) given.next(), Given.NOW);

    Session.Running after = (Session.Running) given.readBack(decision).session;

    assertInstanceOf(Phase.ModelRequested.class, after.phase());
    assertEquals(((Session.Running) decision.after()).phase(), after.phase());
  }
}
