package io.steward.schemas.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.steward.schemas.event.RequestUsage;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.event.StopReason;
import io.steward.schemas.record.SessionRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Model requests that fail: once, for good, terminally, or because their harness died.
class RetryTest {
  @Test
  void a_transient_error_reschedules_the_turn() {
    Story story = Story.created().answering(new Reply.FailsOnce()).sent(Wire.message("m1"));
    story.performed();
    Instant failedAt = story.now();
    int before = story.size();

    story.performed();

    assertEquals(
        List.of("span.model_request_end", "session.error", "session.status_rescheduled"),
        story.writtenAfter(before));
    assertEquals(Session.Status.RESCHEDULING, story.session().status());
    assertEquals(new Step.AwaitRetry(failedAt.plus(Duration.ofSeconds(1))), story.step());
  }

  @Test
  void a_rescheduled_turn_rests_until_its_time_is_known() {
    Story story = Story.created().sent(Wire.message("m1")).performed();

    story.recorded(new SessionEvent.SessionStatusRescheduled("e1", story.now()));

    assertEquals(new Step.Rest(), story.step());
  }

  @Test
  void a_retry_goes_on_with_the_same_turn() {
    Story story =
        Story.created()
            .answering(new Reply.FailsOnce(), new Reply.Says("Done."))
            .sent(Wire.message("m1"))
            .settled();

    assertEquals(new StopReason.EndTurn(), story.idle().stopReason());
    assertEquals(2, story.facts().transcript().entries().size());
  }

  @Test
  void failures_in_a_row_are_counted_over_retries() {
    Story story =
        Story.created()
            .answering(new Reply.FailsOnce(), new Reply.FailsOnce())
            .sent(Wire.message("m1"))
            .performed()
            .performed()
            .performed()
            .performed();

    story.performed();

    assertEquals(2, ((Session.Rescheduling) story.session()).failedAttempts());
  }

  @Test
  void an_answer_ends_the_count_of_failures() {
    Story story =
        Story.created()
            .answering(new Reply.FailsOnce(), new Reply.Calls(Reply.allowed("t1")))
            .sent(Wire.message("m1"));
    for (int i = 0; i < 5; i++) {
      story.performed();
    }

    assertEquals(0, story.running().failedAttempts());
  }

  @Test
  void used_up_retries_end_the_turn_and_discard_what_was_queued() {
    Story story =
        Story.created()
            .answering(new Reply.FailsForGood())
            .sent(Wire.message("m1"))
            .performed()
            .sent(Wire.message("m2"), Wire.system("s2"));

    story.settled();

    assertEquals(new StopReason.RetriesExhausted(), story.idle().stopReason());
    assertEquals(Inbox.EMPTY, story.facts().inbox());
    assertEquals(new Step.Rest(), story.step());
  }

  @Test
  void a_message_after_used_up_retries_starts_afresh() {
    Story story =
        Story.created()
            .answering(new Reply.FailsForGood(), new Reply.Says("Done."))
            .sent(Wire.message("m1"))
            .settled();

    story.sent(Wire.message("m2")).settled();

    assertEquals(new StopReason.EndTurn(), story.idle().stopReason());
    assertEquals(3, story.facts().transcript().entries().size());
  }

  @Test
  void a_message_sent_while_the_turn_dies_is_not_discarded() {
    Story story = Story.created().sent(Wire.message("m1")).performed();
    story.recorded(Wire.error(io.steward.schemas.event.ErrorDetail.Kind.EXHAUSTED, story.now()));

    story
        .sent(Wire.message("m2"))
        .recorded(
            new SessionEvent.SessionStatusIdle(
                "e2", new StopReason.RetriesExhausted(), null, story.now()));

    assertEquals(new Step.StartTurn(List.of(Wire.message("m2")), true), story.step());
  }

  @Test
  void messages_queue_while_rescheduling() {
    Story story =
        Story.created()
            .answering(new Reply.FailsOnce(), new Reply.Says("One."), new Reply.Says("Two."))
            .sent(Wire.message("m1"))
            .performed()
            .performed()
            .sent(Wire.message("m2"));

    assertInstanceOf(Step.AwaitRetry.class, story.step());

    story.settled();

    assertEquals(4, story.facts().transcript().entries().size());
  }

  @Test
  void a_terminal_error_ends_the_session() {
    Story story =
        Story.created().answering(new Reply.FailsTerminally()).sent(Wire.message("m1")).settled();

    assertInstanceOf(Session.Terminated.class, story.session());
    assertEquals(Session.Status.TERMINATED, story.session().status());
    assertEquals(null, story.facts().archivedAt());
    assertEquals(new Step.Rest(), story.step());
  }

  @Test
  void a_request_whose_harness_died_is_closed_as_failed_and_asked_again() {
    Story story = Story.created().sent(Wire.message("m1")).performed();
    String span = ((Step.AwaitModel) story.step()).spanId();

    story.recorded(
        new SessionEvent.SpanModelRequestEnd("e1", span, true, RequestUsage.NONE, story.now()));

    assertEquals(new Step.CallModel(List.of()), story.step());
    assertEquals(1, story.running().failedAttempts());
  }

  @Test
  void a_retry_record_outside_of_rescheduling_changes_nothing() {
    Story story = Story.created().sent(Wire.message("m1")).performed();
    Phase before = story.running().phase();

    story.record(new SessionRecord.RetryScheduled(1, story.now()));

    assertEquals(before, story.running().phase());
  }
}
