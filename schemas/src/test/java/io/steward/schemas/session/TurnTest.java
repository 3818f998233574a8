package io.steward.schemas.session;

import static io.steward.schemas.session.Reply.allowed;
import static io.steward.schemas.session.Reply.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.steward.schemas.event.RequestUsage;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.event.StopDetails;
import io.steward.schemas.event.StopReason;
import io.steward.schemas.record.SessionRecord;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// A turn from a message to idle: model requests, rounds of tools, the queue behind it.
class TurnTest {
  @Test
  void a_new_session_is_idle_and_rests() {
    Story story = Story.created();

    assertEquals(Session.Status.IDLE, story.session().status());
    assertEquals(new Step.Rest(), story.step());
    assertEquals(null, story.idle().stopReason());
  }

  @Test
  void a_session_with_initial_events_reads_as_running_before_anybody_acted() {
    Story story = Story.of(Wire.CLOUD, Wire.message("m1"));

    assertEquals(Session.Status.RUNNING, story.session().status());
    assertEquals(new Step.StartTurn(List.of(Wire.message("m1")), true), story.step());
  }

  @Test
  void a_message_reads_as_running_at_once_and_starts_a_turn() {
    Story story = Story.created().sent(Wire.message("m1"));

    assertEquals(Session.Status.RUNNING, story.session().status());
    assertEquals(new Step.StartTurn(List.of(Wire.message("m1")), true), story.step());
  }

  @Test
  void a_started_turn_waits_for_its_model_request() {
    Story story = Story.created().sent(Wire.message("m1")).performed();

    Phase.ModelRequested phase =
        assertInstanceOf(Phase.ModelRequested.class, story.running().phase());
    assertEquals(new Step.AwaitModel(phase.spanId()), story.step());
    assertEquals(Inbox.EMPTY, story.facts().inbox());
    assertEquals(
        List.of(new Transcript.UserInput(Wire.text("do m1"))),
        story.facts().transcript().entries());
  }

  @Test
  void a_plain_turn_writes_its_events_in_the_order_of_the_contract() {
    Story story = Story.created().sent(Wire.message("m1"));
    int before = story.size();

    story.answering(new Reply.Says("Done.")).settled();

    assertEquals(
        List.of(
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
    assertEquals(new StopReason.EndTurn(), story.idle().stopReason());
    assertEquals(Session.Status.IDLE, story.session().status());
    assertEquals(new Step.Rest(), story.step());
  }

  @Test
  void a_second_turn_sees_the_first_in_its_conversation() {
    Story story =
        Story.created()
            .answering(new Reply.Says("One."), new Reply.Says("Two."))
            .sent(Wire.message("m1"))
            .settled()
            .sent(Wire.message("m2"))
            .settled();

    List<Transcript.Entry> entries = story.facts().transcript().entries();
    assertEquals(4, entries.size());
    assertEquals(new Transcript.UserInput(Wire.text("do m1")), entries.getFirst());
    assertInstanceOf(Transcript.ModelReply.class, entries.get(1));
    assertEquals(new Transcript.UserInput(Wire.text("do m2")), entries.get(2));
    assertInstanceOf(Transcript.ModelReply.class, entries.get(3));
  }

  @Test
  void parallel_calls_are_all_awaited() {
    Story story = calling(allowed("t1"), allowed("t2"));

    Step.AwaitTools step = assertInstanceOf(Step.AwaitTools.class, story.step());
    assertEquals(List.of("t1", "t2"), step.calls().stream().map(ToolCall::id).toList());
    assertEquals(
        List.of("toolu_t1", "toolu_t2"), step.calls().stream().map(ToolCall::modelId).toList());
  }

  @Test
  void the_model_is_asked_only_after_the_last_of_parallel_results() {
    Story story = calling(allowed("t1"), allowed("t2"));

    story.recorded(Wire.toolResult("t2", story.now()));

    Step.AwaitTools step = assertInstanceOf(Step.AwaitTools.class, story.step());
    assertEquals(List.of("t1"), step.calls().stream().map(ToolCall::id).toList());

    story.recorded(Wire.toolResult("t1", story.now()));

    assertEquals(new Step.CallModel(List.of()), story.step());
  }

  @Test
  void results_join_the_conversation_together_in_the_order_of_the_calls() {
    Story story = calling(allowed("t1"), allowed("t2"));

    story.recorded(Wire.toolResult("t2", story.now()), Wire.toolResult("t1", story.now()));

    assertEquals(
        new Transcript.ToolResults(
            List.of(
                new Transcript.ToolResultEntry("toolu_t1", Wire.text("result of t1"), false),
                new Transcript.ToolResultEntry("toolu_t2", Wire.text("result of t2"), false))),
        story.facts().transcript().last().orElseThrow());
    assertEquals(1, story.running().toolRounds());
  }

  @Test
  void a_reply_whose_calls_were_all_denied_goes_back_to_the_model_at_once() {
    Story story = calling(refused("t1"), refused("t2"));

    assertEquals(new Step.CallModel(List.of()), story.step());
    Transcript.ToolResults results =
        assertInstanceOf(
            Transcript.ToolResults.class, story.facts().transcript().last().orElseThrow());
    assertEquals(List.of(true, true), results.results().stream().map(r -> r.isError()).toList());
    assertEquals(1, story.running().toolRounds());
  }

  @Test
  void a_reply_with_a_denied_and_an_allowed_call_waits_for_the_allowed_one() {
    Story story = calling(refused("t1"), allowed("t2"));

    Step.AwaitTools step = assertInstanceOf(Step.AwaitTools.class, story.step());
    assertEquals(List.of("t2"), step.calls().stream().map(ToolCall::id).toList());
  }

  @Test
  void a_turn_with_too_many_rounds_of_tools_is_stopped() {
    Story story = Story.created().sent(Wire.message("m1"));
    for (int round = 0; round < Story.TOOL_ROUNDS_MAX; round++) {
      story.answering(new Reply.Calls(allowed("t" + round)));
    }

    story.settled();

    assertEquals(new StopReason.RetriesExhausted(), story.idle().stopReason());
    assertEquals(new Step.Rest(), story.step());
  }

  @Test
  void rounds_are_counted_anew_for_the_next_queued_message() {
    Story story = calling(allowed("t0")).sent(Wire.message("m2"));
    for (int round = 1; round < Story.TOOL_ROUNDS_MAX - 1; round++) {
      story.answering(new Reply.Calls(allowed("t" + round)));
    }
    story.answering(new Reply.Says("One."), new Reply.Calls(allowed("u1")));

    story.answering(new Reply.Calls(allowed("u2")), new Reply.Says("Two.")).settled();

    assertEquals(new StopReason.EndTurn(), story.idle().stopReason());
  }

  @Test
  void a_paused_reply_is_continued_with_the_same_conversation() {
    Story story =
        Story.created().answering(new Reply.Pauses()).sent(Wire.message("m1")).performed();

    story.performed();

    assertEquals(new Step.CallModel(List.of()), story.step());
  }

  @Test
  void a_model_that_only_pauses_is_stopped_like_one_that_only_calls_tools() {
    Story story = Story.created().sent(Wire.message("m1"));
    for (int round = 0; round < Story.TOOL_ROUNDS_MAX; round++) {
      story.answering(new Reply.Pauses());
    }

    story.settled();

    assertEquals(new StopReason.RetriesExhausted(), story.idle().stopReason());
  }

  @Test
  void a_refusal_ends_the_turn_and_stays_out_of_the_conversation() {
    Story story = Story.created().answering(new Reply.Refuses()).sent(Wire.message("m1")).settled();

    assertEquals(new StopReason.Refusal(), story.idle().stopReason());
    assertEquals(1, story.facts().transcript().entries().size());
    SessionEvent.SessionStatusIdle idle =
        (SessionEvent.SessionStatusIdle)
            ((io.steward.schemas.record.SessionRecord.EventRecorded) story.log().getLast().body())
                .event();
    assertEquals(StopDetails.refusal("cyber", "Against the rules."), idle.stopDetails());
  }

  @Test
  void calls_of_a_refused_reply_are_not_run() {
    Story story = Story.created().sent(Wire.message("m1")).performed();
    String span = ((Step.AwaitModel) story.step()).spanId();

    story
        .recorded(
            Wire.toolUse("t1", io.steward.schemas.event.Evaluation.Permission.ALLOW, story.now()))
        .record(
            new io.steward.schemas.record.SessionRecord.ModelResponse(
                span,
                "demo",
                List.of(Wire.input()),
                java.util.Map.of("toolu_t1", "t1"),
                "refusal",
                null,
                Wire.usage()))
        .recorded(
            new SessionEvent.SpanModelRequestEnd("e1", span, false, Wire.usage(), story.now()));

    assertEquals(
        new Step.EndTurn(new StopReason.Refusal(), StopDetails.refusal(null, null)), story.step());
    assertEquals(1, story.facts().transcript().entries().size());
  }

  @Test
  void queued_messages_are_handled_one_after_another_without_idling_between() {
    Story story =
        Story.created()
            .answering(new Reply.Says("One."), new Reply.Says("Two."), new Reply.Says("Three."))
            .sent(Wire.message("m1"))
            .performed()
            .sent(Wire.message("m2"))
            .sent(Wire.message("m3"));
    int before = story.size();

    story.settled();

    List<String> written = story.writtenAfter(before);
    assertEquals(1, written.stream().filter("session.status_idle"::equals).count());
    assertEquals(0, written.stream().filter("session.status_running"::equals).count());
    assertEquals(2, written.stream().filter("user.message"::equals).count());
    assertEquals(
        List.of("do m1", "do m2", "do m3"),
        story.facts().transcript().entries().stream()
            .filter(Transcript.UserInput.class::isInstance)
            .map(entry -> ((Transcript.UserInput) entry).content().getFirst())
            .map(block -> ((io.steward.schemas.event.ContentBlock.Text) block).text())
            .toList());
  }

  @Test
  void a_message_does_not_come_between_a_call_and_its_result() {
    Story story = calling(allowed("t1")).sent(Wire.message("m2"));

    story.recorded(Wire.toolResult("t1", story.now()));

    assertEquals(new Step.CallModel(List.of()), story.step());
    assertEquals(List.of(Wire.message("m2")), story.facts().inbox().events());
  }

  @Test
  void a_message_after_a_refusal_starts_a_turn_of_its_own() {
    Story story =
        Story.created()
            .answering(new Reply.Refuses(), new Reply.Says("Two."))
            .sent(Wire.message("m1"))
            .performed()
            .sent(Wire.message("m2"));
    int before = story.size();

    story.settled();

    assertEquals(
        2, story.writtenAfter(before).stream().filter("session.status_idle"::equals).count());
    assertEquals(new StopReason.EndTurn(), story.idle().stopReason());
  }

  @Test
  void a_message_that_races_with_the_end_of_the_turn_starts_the_next_one() {
    Story story = Story.created().answering(new Reply.Says("One.")).sent(Wire.message("m1"));
    story.performed().performed();
    Step ending = story.step();

    story.sent(Wire.message("m2")).performed(ending);

    assertEquals(new StopReason.EndTurn(), story.idle().stopReason());
    assertEquals(Session.Status.RUNNING, story.session().status());
    assertEquals(new Step.StartTurn(List.of(Wire.message("m2")), true), story.step());
  }

  @Test
  void a_system_message_alone_starts_no_turn() {
    Story story = Story.created().sent(Wire.system("s1"));

    assertEquals(Session.Status.IDLE, story.session().status());
    assertEquals(new Step.Rest(), story.step());
  }

  @Test
  void system_messages_go_with_the_message_they_stand_beside() {
    Story story =
        Story.created()
            .sent(Wire.system("s1"))
            .sent(Wire.message("m1"), Wire.system("s2"))
            .sent(Wire.message("m2"), Wire.system("s3"));

    assertEquals(
        new Step.StartTurn(List.of(Wire.system("s1"), Wire.message("m1"), Wire.system("s2")), true),
        story.step());

    story.performed();

    assertEquals(List.of(Wire.message("m2"), Wire.system("s3")), story.facts().inbox().events());
    assertInstanceOf(Transcript.SystemInput.class, story.facts().transcript().last().orElseThrow());
  }

  @Test
  void a_system_message_joins_the_turn_under_way_at_its_next_request() {
    Story story = calling(allowed("t1")).sent(Wire.system("s1"));

    story.recorded(Wire.toolResult("t1", story.now()));

    assertEquals(new Step.CallModel(List.of(Wire.system("s1"))), story.step());
  }

  @Test
  void a_system_message_behind_a_queued_message_waits_with_it() {
    Story story = calling(allowed("t1")).sent(Wire.message("m2"), Wire.system("s2"));

    story.recorded(Wire.toolResult("t1", story.now()));

    assertEquals(new Step.CallModel(List.of()), story.step());
  }

  private static Story calling(Reply.Call... calls) {
    return Story.created()
        .answering(new Reply.Calls(calls))
        .sent(Wire.message("m1"))
        .performed()
        .performed();
  }

  @Test
  void a_reply_that_was_cut_is_continued_unless_it_said_nothing() {
    Story story =
        Story.created()
            .answering(new Reply.CutOff(), new Reply.Says("a time."))
            .sent(Wire.message("m1"))
            .performed()
            .performed();
    assertInstanceOf(Step.CallModel.class, story.step());
    Story cut = story.performed();
    cut.record(
        new SessionRecord.ModelResponse(
            ((Step.AwaitModel) cut.step()).spanId(),
            "demo",
            List.of(),
            Map.of(),
            "max_tokens",
            null,
            Wire.usage()));
    cut.recorded(
        new SessionEvent.SpanModelRequestEnd("e9", "span", false, RequestUsage.NONE, cut.now()));

    assertInstanceOf(Step.EndTurn.class, cut.step());
  }

  @Test
  void rounds_of_calls_that_wait_for_the_client_count_too() {
    Story story =
        Story.created()
            .answering(
                new Reply.Calls(Reply.custom("t1")),
                new Reply.Calls(Reply.custom("t2")),
                new Reply.Calls(Reply.custom("t3")),
                new Reply.Calls(Reply.custom("t4")),
                new Reply.Calls(Reply.custom("t5")))
            .sent(Wire.message("m1"))
            .settled();
    for (int i = 1; i <= Story.TOOL_ROUNDS_MAX; i++) {
      story.sent(Wire.customResult("t" + i, story.now())).settled();
    }

    assertEquals(new StopReason.RetriesExhausted(), story.idle().stopReason());
  }
}
