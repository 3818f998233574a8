package io.steward.schemas.session;

import static io.steward.schemas.session.Reply.allowed;
import static io.steward.schemas.session.Reply.asked;
import static io.steward.schemas.session.Reply.custom;
import static io.steward.schemas.session.Reply.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.steward.schemas.event.Evaluation;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.event.StopReason;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Calls that wait for somebody outside: custom tools, confirmations, self-hosted environments.
class ClientToolsTest {
  @Test
  void a_custom_call_makes_the_session_ask_the_client() {
    Story story = calling(custom("t1"));
    int before = story.size();

    assertEquals(new Step.AskClient(List.of(), List.of("t1"), true), story.step());

    story.performed();

    assertEquals(
        List.of("session.thread_status_idle", "session.usage", "session.status_idle"),
        story.writtenAfter(before));
    assertEquals(new StopReason.RequiresAction(List.of("t1")), story.idle().stopReason());
    assertEquals(Session.Status.IDLE, story.session().status());
    assertEquals(new Step.Rest(), story.step());
  }

  @Test
  void an_answer_to_the_last_call_resumes_the_turn() {
    Story story = calling(custom("t1")).settled();

    story.sent(Wire.customResult("t1", story.now()));

    assertEquals(Session.Status.RUNNING, story.session().status());
    assertEquals(new Step.Resume(List.of(), List.of()), story.step());

    story.performed();

    assertEquals(new Step.CallModel(List.of()), story.step());
    assertInstanceOf(Transcript.ToolResults.class, story.facts().transcript().last().orElseThrow());
  }

  @Test
  void an_answer_before_the_session_asked_for_it_keeps_the_turn_running() {
    Story story = calling(custom("t1"));

    story.sent(Wire.customResult("t1", story.now()));

    assertEquals(new Step.CallModel(List.of()), story.step());
  }

  @Test
  void an_answer_that_races_with_the_question_resumes_the_turn() {
    Story story = calling(custom("t1"));
    Step asking = story.step();

    story.sent(Wire.customResult("t1", story.now())).performed(asking);

    assertEquals(Session.Status.RUNNING, story.session().status());
    assertEquals(new Step.Resume(List.of(), List.of()), story.step());
    assertEquals(
        new Step.CallModel(List.of()), story.performed().step(), "the turn goes on once resumed");
  }

  @Test
  void a_partial_answer_asks_again_for_the_rest() {
    Story story = calling(custom("t1"), custom("t2")).settled();

    story.sent(Wire.customResult("t2", story.now()));
    int before = story.size();

    assertEquals(new Step.AskClient(List.of(), List.of("t1"), false), story.step());

    story.settled();

    assertEquals(List.of("session.usage", "session.status_idle"), story.writtenAfter(before));
    assertEquals(new StopReason.RequiresAction(List.of("t1")), story.idle().stopReason());
    assertEquals(Session.Status.IDLE, story.session().status());
  }

  @Test
  void a_partial_answer_that_races_with_the_question_asks_again_for_the_rest() {
    Story story = calling(custom("t1"), custom("t2"));
    Step asking = story.step();

    story.sent(Wire.customResult("t1", story.now())).performed(asking);

    assertEquals(new Step.AskClient(List.of(), List.of("t2"), false), story.step());
  }

  @Test
  void calls_of_ours_run_before_the_client_is_asked() {
    Story story = calling(allowed("t1"), custom("t2"));

    Step.AwaitTools step = assertInstanceOf(Step.AwaitTools.class, story.step());
    assertEquals(List.of("t1"), step.calls().stream().map(ToolCall::id).toList());

    story.performed();

    assertEquals(new Step.AskClient(List.of(), List.of("t2"), true), story.step());
  }

  @Test
  void a_custom_result_without_content_is_an_empty_result() {
    Story story = calling(custom("t1")).settled();

    story.sent(new SessionEvent.UserCustomToolResult("r1", "t1", null, null, story.now()));

    Transcript.ToolResults results =
        (Transcript.ToolResults) story.facts().transcript().last().orElseThrow();
    assertEquals(
        new Transcript.ToolResultEntry("toolu_t1", List.of(), false), results.results().getFirst());
  }

  @Test
  void a_second_answer_to_a_call_has_no_effect() {
    Story story = calling(custom("t1"), custom("t2")).settled();
    story.sent(Wire.customResult("t1", story.now())).settled();
    List<ToolCall> calls = story.idle().calls();

    story.sent(
        new SessionEvent.UserCustomToolResult(
            "other", "t1", Wire.text("another"), true, story.now()));

    assertEquals(calls, story.idle().calls());
    assertEquals(new Step.Rest(), story.step());
  }

  @Test
  void an_allowed_call_runs_once_the_session_resumed() {
    Story story = calling(asked("t1")).settled();

    story.sent(Wire.allow("t1"));

    Step.Resume resume = assertInstanceOf(Step.Resume.class, story.step());
    assertEquals(List.of(Wire.allow("t1")), resume.confirmations());
    int before = story.size();

    story.performed();

    assertEquals(
        List.of(
            "user.tool_confirmation", "session.thread_status_running", "session.status_running"),
        story.writtenAfter(before));
    Step.AwaitTools step = assertInstanceOf(Step.AwaitTools.class, story.step());
    assertEquals(List.of("t1"), step.calls().stream().map(ToolCall::id).toList());
    assertEquals(Inbox.EMPTY, story.facts().inbox());
  }

  @Test
  void a_denied_call_gives_an_error_result_once_the_session_resumed() {
    Story story = calling(asked("t1")).settled().sent(Wire.deny("t1"));

    Step.Resume resume = assertInstanceOf(Step.Resume.class, story.step());
    assertEquals(ToolCall.State.DENIED, resume.calls().getFirst().state());
    assertEquals("use staging", resume.calls().getFirst().denyMessage());

    story.performed();

    assertEquals(new Step.CallModel(List.of()), story.step());
    Transcript.ToolResults results =
        (Transcript.ToolResults) story.facts().transcript().last().orElseThrow();
    assertEquals(true, results.results().getFirst().isError());
  }

  @Test
  void confirmations_one_by_one_follow_the_sequence_of_the_contract() {
    Story story = calling(asked("t1"), asked("t2")).settled();
    int before = story.size();

    story.sent(Wire.allow("t1")).settled();

    assertEquals(
        List.of("user.tool_confirmation", "session.usage", "session.status_idle"),
        story.writtenAfter(before));
    assertEquals(new StopReason.RequiresAction(List.of("t2")), story.idle().stopReason());
    int second = story.size();

    story.sent(Wire.deny("t2")).answering(new Reply.Says("Done.")).settled();

    assertEquals(
        List.of(
            "user.tool_confirmation",
            "session.thread_status_running",
            "session.status_running",
            "agent.tool_result",
            "agent.tool_result",
            "span.model_request_start",
            "agent.message",
            "span.model_request_end",
            "session.thread_status_idle",
            "session.usage",
            "session.status_idle"),
        story.writtenAfter(second));
  }

  @Test
  void confirmations_in_one_send_resume_at_once() {
    Story story = calling(asked("t1"), asked("t2")).settled();

    story.sent(Wire.deny("t1"), Wire.allow("t2"));

    Step.Resume resume = assertInstanceOf(Step.Resume.class, story.step());
    assertEquals(2, resume.confirmations().size());
    assertEquals(
        List.of(ToolCall.State.DENIED, ToolCall.State.APPROVED),
        resume.calls().stream().map(ToolCall::state).toList());
  }

  @Test
  void a_confirmation_while_other_calls_run_is_applied_at_once() {
    Story story = calling(allowed("t1"), asked("t2")).sent(Wire.allow("t2"));

    Step.ApplyConfirmations step = assertInstanceOf(Step.ApplyConfirmations.class, story.step());
    assertEquals(List.of(Wire.allow("t2")), step.confirmations());

    story.performed();

    Step.AwaitTools running = assertInstanceOf(Step.AwaitTools.class, story.step());
    assertEquals(List.of("t1", "t2"), running.calls().stream().map(ToolCall::id).toList());
  }

  @Test
  void a_denial_while_other_calls_run_closes_only_its_own_call() {
    Story story = calling(allowed("t1"), asked("t2")).sent(Wire.deny("t2")).performed();

    Step.AwaitTools running = assertInstanceOf(Step.AwaitTools.class, story.step());
    assertEquals(List.of("t1"), running.calls().stream().map(ToolCall::id).toList());
  }

  @Test
  void a_confirmation_that_races_with_the_question_resumes_the_turn() {
    Story story = calling(asked("t1"));
    Step asking = story.step();

    story.sent(Wire.allow("t1")).performed(asking);

    assertEquals(Session.Status.RUNNING, story.session().status());
    story.performed();
    assertInstanceOf(Step.AwaitTools.class, story.step());
  }

  @Test
  void an_allowed_call_waits_until_nothing_else_asks_for_the_client() {
    Story story = calling(asked("t1"), custom("t2")).settled().sent(Wire.allow("t1")).settled();

    assertEquals(ToolCall.State.APPROVED, story.idle().calls().getFirst().state());

    story.sent(Wire.customResult("t2", story.now()));

    Step.Resume resume = assertInstanceOf(Step.Resume.class, story.step());
    assertEquals(List.of("t1"), resume.calls().stream().map(ToolCall::id).toList());
    story.performed();
    assertInstanceOf(Step.AwaitTools.class, story.step());
  }

  @Test
  void a_call_the_server_denied_does_not_ask_the_client() {
    Story story = calling(refused("t1"), asked("t2"));

    assertEquals(new Step.AskClient(List.of(), List.of("t2"), true), story.step());
  }

  @Test
  void a_system_message_behind_a_tool_result_reaches_the_model_with_it() {
    Story story = calling(custom("t1")).settled();

    story.sent(Wire.customResult("t1", story.now()), Wire.system("s1")).performed();

    assertEquals(new Step.CallModel(List.of(Wire.system("s1"))), story.step());
  }

  @Test
  void a_message_queued_before_the_question_waits_until_the_calls_are_answered() {
    Story story = calling(custom("t1"));
    Step asking = story.step();
    story.sent(Wire.message("m2")).performed(asking);

    assertEquals(Session.Status.IDLE, story.session().status());
    assertEquals(new Step.Rest(), story.step());

    story
        .sent(Wire.customResult("t1", story.now()))
        .answering(new Reply.Says("One."), new Reply.Says("Two."))
        .settled();

    assertEquals(Inbox.EMPTY, story.facts().inbox());
    assertEquals(new StopReason.EndTurn(), story.idle().stopReason());
  }

  @Test
  void a_self_hosted_call_waits_for_the_worker() {
    Story story = selfHosted(allowed("t1")).settled();

    assertEquals(new StopReason.RequiresAction(List.of("t1")), story.idle().stopReason());

    story.sent(Wire.workerResult("t1", story.now())).performed();

    assertEquals(new Step.CallModel(List.of()), story.step());
  }

  @Test
  void a_self_hosted_call_that_asks_waits_for_the_confirmation_and_then_for_the_worker() {
    Story story = selfHosted(asked("t1")).settled().sent(Wire.allow("t1")).settled();

    assertEquals(new StopReason.RequiresAction(List.of("t1")), story.idle().stopReason());
    assertEquals(ToolCall.State.AWAITING_CLIENT, story.idle().calls().getFirst().state());
    assertEquals(Inbox.EMPTY, story.facts().inbox());

    story.sent(Wire.workerResult("t1", story.now())).performed();

    assertEquals(new Step.CallModel(List.of()), story.step());
  }

  @Test
  void a_worker_may_answer_before_its_confirmation_was_processed() {
    Story story = selfHosted(asked("t1")).settled();

    story.sent(Wire.allow("t1")).sent(Wire.workerResult("t1", story.now()));

    assertEquals(new Step.Resume(List.of(Wire.allow("t1")), List.of()), story.step());
    story.performed();
    assertEquals(Inbox.EMPTY, story.facts().inbox());
    assertEquals(new Step.CallModel(List.of()), story.step());
  }

  @Test
  void a_confirmation_answered_within_the_turn_is_still_written_as_processed() {
    Story story = selfHosted(asked("t1"));

    story.sent(Wire.allow("t1"), Wire.workerResult("t1", story.now()));

    assertEquals(new Step.CallModel(List.of(Wire.allow("t1"))), story.step());
    story.performed();
    assertEquals(Inbox.EMPTY, story.facts().inbox());
  }

  @Test
  void a_web_tool_of_a_self_hosted_session_is_run_by_the_server() {
    Story story = Story.selfHosted().sent(Wire.message("m1")).performed();
    String span = ((Step.AwaitModel) story.step()).spanId();

    story
        .recorded(
            new SessionEvent.AgentToolUse(
                "t1",
                "web_search",
                Wire.input(),
                Evaluation.Permission.ALLOW,
                new Evaluation.AlwaysAllow(),
                story.now()))
        .record(
            new io.steward.schemas.record.SessionRecord.ModelResponse(
                span,
                "demo",
                List.of(Wire.input()),
                java.util.Map.of("toolu_t1", "t1"),
                "tool_use",
                null,
                Wire.usage()))
        .recorded(
            new SessionEvent.SpanModelRequestEnd("e1", span, false, Wire.usage(), story.now()));

    assertInstanceOf(Step.AwaitTools.class, story.step());
  }

  private static Story calling(Reply.Call... calls) {
    return called(Story.created(), calls);
  }

  private static Story selfHosted(Reply.Call... calls) {
    return called(Story.selfHosted(), calls);
  }

  private static Story called(Story story, Reply.Call... calls) {
    return story.answering(new Reply.Calls(calls)).sent(Wire.message("m1")).performed().performed();
  }
}
