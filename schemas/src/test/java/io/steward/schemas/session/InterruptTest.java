package io.steward.schemas.session;

import static io.steward.schemas.session.Reply.allowed;
import static io.steward.schemas.session.Reply.asked;
import static io.steward.schemas.session.Reply.custom;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.steward.schemas.event.StopReason;
import java.util.List;
import org.junit.jupiter.api.Test;

/// An interrupt in every state, alone and with messages around it.
class InterruptTest {
  @Test
  void an_interrupt_on_an_idle_session_is_only_acknowledged() {
    Story story = Story.created().sent(Wire.interrupt("i1"));
    int before = story.size();

    assertEquals(Session.Status.IDLE, story.session().status());
    assertEquals(new Step.AcknowledgeInterrupts(List.of(Wire.interrupt("i1"))), story.step());

    story.settled();

    assertEquals(List.of("user.interrupt"), story.writtenAfter(before));
    assertEquals(Inbox.EMPTY, story.facts().inbox());
  }

  @Test
  void an_interrupt_stops_the_model_request() {
    Story story = Story.created().sent(Wire.message("m1")).performed();
    String span = ((Step.AwaitModel) story.step()).spanId();
    story.sent(Wire.interrupt("i1"));
    int before = story.size();

    assertEquals(new Step.Interrupt(List.of(Wire.interrupt("i1")), span, List.of()), story.step());

    story.settled();

    assertEquals(
        List.of(
            "span.model_request_end",
            "user.interrupt",
            "session.thread_status_idle",
            "session.usage",
            "session.status_idle"),
        story.writtenAfter(before));
    assertEquals(new StopReason.EndTurn(), story.idle().stopReason());
    assertEquals(1, story.facts().transcript().entries().size());
  }

  @Test
  void an_interrupt_closes_running_calls_with_error_results_the_model_reads_later() {
    Story story = calling(allowed("t1"), allowed("t2"));
    story.recorded(Wire.toolResult("t1", story.now())).sent(Wire.interrupt("i1"));

    Step.Interrupt step = assertInstanceOf(Step.Interrupt.class, story.step());
    assertEquals(List.of("t2"), step.openCalls().stream().map(ToolCall::id).toList());
    assertNull(step.spanId());

    story.settled();

    Transcript.ToolResults results =
        assertInstanceOf(
            Transcript.ToolResults.class, story.facts().transcript().last().orElseThrow());
    assertEquals(
        List.of(false, true),
        results.results().stream().map(Transcript.ToolResultEntry::isError).toList());
    assertEquals(new StopReason.EndTurn(), story.idle().stopReason());
    assertEquals(new Step.Rest(), story.step());
  }

  @Test
  void an_interrupt_while_the_client_is_asked_closes_the_calls_in_their_own_family() {
    Story story = calling(asked("t1"), custom("t2")).settled();
    assertInstanceOf(StopReason.RequiresAction.class, story.idle().stopReason());
    int before = story.size();

    story.sent(Wire.interrupt("i1")).settled();

    assertEquals(
        List.of(
            "agent.tool_result",
            "user.custom_tool_result",
            "user.interrupt",
            "session.thread_status_idle",
            "session.usage",
            "session.status_idle"),
        story.writtenAfter(before));
    assertEquals(new StopReason.EndTurn(), story.idle().stopReason());
    assertEquals(List.of(), story.idle().calls());
    assertInstanceOf(Transcript.ToolResults.class, story.facts().transcript().last().orElseThrow());
    assertEquals(new Step.Rest(), story.step());
  }

  @Test
  void an_interrupt_of_a_self_hosted_call_writes_the_result_a_worker_would() {
    Story story =
        Story.selfHosted()
            .answering(new Reply.Calls(allowed("t1")))
            .sent(Wire.message("m1"))
            .settled();
    int before = story.size();

    story.sent(Wire.interrupt("i1")).settled();

    assertEquals("user.tool_result", story.writtenAfter(before).getFirst());
    assertEquals(new StopReason.EndTurn(), story.idle().stopReason());
  }

  @Test
  void an_interrupt_while_rescheduling_gives_up_the_retry() {
    Story story =
        Story.created()
            .answering(new Reply.FailsOnce())
            .sent(Wire.message("m1"))
            .performed()
            .performed();
    assertInstanceOf(Step.AwaitRetry.class, story.step());

    story.sent(Wire.interrupt("i1"));

    assertEquals(new Step.Interrupt(List.of(Wire.interrupt("i1")), null, List.of()), story.step());

    story.settled();

    assertEquals(new StopReason.EndTurn(), story.idle().stopReason());
  }

  @Test
  void an_interrupt_keeps_the_messages_that_were_queued_before_it() {
    Story story =
        Story.created()
            .sent(Wire.message("m1"))
            .performed()
            .sent(Wire.message("m2"))
            .sent(Wire.interrupt("i1"));
    int before = story.size();

    story.performed();

    assertEquals("session.status_idle", story.writtenAfter(before).getLast());
    assertEquals(new Step.StartTurn(List.of(Wire.message("m2")), true), story.step());
  }

  @Test
  void steering_in_one_send_ends_the_turn_and_starts_the_message() {
    Story story = Story.created().sent(Wire.message("m1")).performed();
    int before = story.size();

    story
        .sent(Wire.interrupt("i1"), Wire.message("m2"))
        .answering(new Reply.Says("Two."))
        .settled();

    assertEquals(
        List.of(
            "span.model_request_end",
            "user.interrupt",
            "session.thread_status_idle",
            "session.usage",
            "session.status_idle",
            "session.thread_status_running",
            "session.status_running",
            "user.message",
            "span.model_request_start",
            "agent.message",
            "span.model_request_end",
            "session.thread_status_idle",
            "session.usage",
            "session.status_idle"),
        story.writtenAfter(before));
  }

  @Test
  void steering_an_idle_session_acknowledges_the_interrupt_and_starts_the_message() {
    Story story = Story.created().sent(Wire.interrupt("i1"), Wire.message("m1"));

    assertEquals(Session.Status.RUNNING, story.session().status());
    assertEquals(new Step.AcknowledgeInterrupts(List.of(Wire.interrupt("i1"))), story.step());

    story.performed();

    assertEquals(new Step.StartTurn(List.of(Wire.message("m1")), true), story.step());
  }

  @Test
  void steering_a_session_that_waits_for_the_client_reads_as_running_at_once() {
    Story story = calling(custom("t1")).settled();

    story.sent(Wire.interrupt("i1"), Wire.message("m2"));

    assertEquals(Session.Status.RUNNING, story.session().status());
    assertInstanceOf(Step.Interrupt.class, story.step());

    story.answering(new Reply.Says("Two.")).settled();

    assertEquals(new StopReason.EndTurn(), story.idle().stopReason());
    assertEquals(Inbox.EMPTY, story.facts().inbox());
  }

  @Test
  void a_message_and_an_interrupt_behind_it_make_a_turn_that_asks_no_model() {
    Story story = Story.created().sent(Wire.message("m1"), Wire.interrupt("i1"));
    int before = story.size();

    assertEquals(new Step.StartTurn(List.of(Wire.message("m1")), false), story.step());

    story.settled();

    assertEquals(
        List.of(
            "session.thread_status_running",
            "session.status_running",
            "user.message",
            "user.interrupt",
            "session.thread_status_idle",
            "session.usage",
            "session.status_idle"),
        story.writtenAfter(before));
    assertEquals(new StopReason.EndTurn(), story.idle().stopReason());
  }

  @Test
  void an_interrupt_behind_a_steering_message_stops_that_message_too() {
    Story story = Story.created().sent(Wire.message("m1")).performed();

    story.sent(Wire.interrupt("i1")).sent(Wire.message("m2")).sent(Wire.interrupt("i2"));

    assertEquals(List.of(Wire.interrupt("i1")), ((Step.Interrupt) story.step()).interrupts());

    story.performed();

    assertEquals(new Step.StartTurn(List.of(Wire.message("m2")), false), story.step());

    story.settled();

    assertEquals(new StopReason.EndTurn(), story.idle().stopReason());
    assertEquals(Inbox.EMPTY, story.facts().inbox());
  }

  @Test
  void an_interrupt_before_and_one_behind_a_message_to_an_idle_session_are_told_apart() {
    Story story =
        Story.created().sent(Wire.interrupt("i1"), Wire.message("m1"), Wire.interrupt("i2"));

    story.performed();

    assertEquals(List.of(Wire.message("m1"), Wire.interrupt("i2")), story.facts().inbox().events());
    assertEquals(new Step.StartTurn(List.of(Wire.message("m1")), false), story.step());
  }

  @Test
  void several_interrupts_of_one_turn_are_applied_together() {
    Story story = Story.created().sent(Wire.message("m1")).performed();

    story.sent(Wire.interrupt("i1")).sent(Wire.interrupt("i2"));

    assertEquals(
        List.of(Wire.interrupt("i1"), Wire.interrupt("i2")),
        ((Step.Interrupt) story.step()).interrupts());
  }

  @Test
  void a_confirmation_of_a_call_that_was_interrupted_does_not_outlive_its_turn() {
    Story story = calling(asked("t1"), allowed("t2")).sent(Wire.allow("t1"));

    story.sent(Wire.interrupt("i1")).settled();

    assertEquals(Inbox.EMPTY, story.facts().inbox());
    assertEquals(new Step.Rest(), story.step());
  }

  @Test
  void a_client_result_that_races_with_the_interrupt_is_the_one_result_of_its_call() {
    Story story = calling(custom("t1")).settled().sent(Wire.interrupt("i1"));
    Step interrupt = story.step();

    story.sent(Wire.customResult("t1", story.now())).performed(interrupt);

    Transcript.ToolResults results =
        assertInstanceOf(
            Transcript.ToolResults.class, story.facts().transcript().last().orElseThrow());
    assertEquals(Wire.text("result of t1"), results.results().getFirst().content());
    assertEquals(new StopReason.EndTurn(), story.idle().stopReason());
    assertEquals(new Step.Rest(), story.step());
  }

  @Test
  void an_interrupt_that_races_with_the_end_of_the_turn_is_acknowledged() {
    Story story = Story.created().answering(new Reply.Says("One.")).sent(Wire.message("m1"));
    story.performed().performed();
    Step ending = story.step();

    story.sent(Wire.interrupt("i1")).performed(ending);

    assertEquals(new Step.AcknowledgeInterrupts(List.of(Wire.interrupt("i1"))), story.step());
  }

  private static Story calling(Reply.Call... calls) {
    return Story.created()
        .answering(new Reply.Calls(calls))
        .sent(Wire.message("m1"))
        .performed()
        .performed();
  }
}
