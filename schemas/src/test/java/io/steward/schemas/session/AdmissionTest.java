package io.steward.schemas.session;

import static io.steward.schemas.session.Reply.asked;
import static io.steward.schemas.session.Reply.custom;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.record.SessionRecord;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Which sends are accepted in which state: all of their events, or none.
class AdmissionTest {
  private static final Instant AT = Wire.START.plusSeconds(5);

  @Test
  void a_message_is_accepted_while_idle_running_and_rescheduling() {
    assertAdmitted(Story.created(), Wire.message("m9"));
    assertAdmitted(running(), Wire.message("m9"));
    assertAdmitted(running().answering(new Reply.FailsOnce()).performed(), Wire.message("m9"));
  }

  @Test
  void a_message_is_refused_while_the_session_waits_for_the_client() {
    Admission admission = Admission.of(calling(custom("t1")).session(), List.of(Wire.message("m")));

    Admission.Refused refused = assertInstanceOf(Admission.Refused.class, admission);
    assertEquals(400, refused.error().status());
    assertTrue(refused.error().message().contains("t1"), refused.error().message());
  }

  @Test
  void a_message_behind_an_interrupt_is_accepted_while_the_session_waits() {
    assertAdmitted(calling(custom("t1")), Wire.interrupt("i1"), Wire.message("m2"));
  }

  @Test
  void a_message_is_accepted_while_an_interrupt_is_on_its_way() {
    assertAdmitted(calling(custom("t1")).sent(Wire.interrupt("i1")), Wire.message("m2"));
  }

  @Test
  void a_message_before_the_interrupt_is_refused_while_the_session_waits() {
    assertRefused(calling(custom("t1")), Wire.message("m2"), Wire.interrupt("i1"));
  }

  @Test
  void a_message_behind_the_last_answer_is_accepted() {
    assertAdmitted(calling(custom("t1")), Wire.customResult("t1", AT), Wire.message("m2"));
  }

  @Test
  void one_refused_event_refuses_the_whole_send() {
    assertRefused(Story.created(), Wire.message("m1"), Wire.customResult("t1", AT));
  }

  @Test
  void a_system_message_is_accepted_alone_unless_the_session_waits() {
    assertAdmitted(Story.created(), Wire.system("s1"));
    assertAdmitted(running(), Wire.system("s1"));
    assertRefused(calling(custom("t1")), Wire.system("s1"));
  }

  @Test
  void a_system_message_is_accepted_behind_an_answer_while_the_session_waits() {
    assertAdmitted(
        calling(custom("t1"), custom("t2")), Wire.customResult("t1", AT), Wire.system("s1"));
  }

  @Test
  void an_interrupt_is_accepted_in_every_live_state() {
    assertAdmitted(Story.created(), Wire.interrupt("i1"));
    assertAdmitted(running(), Wire.interrupt("i1"));
    assertAdmitted(calling(custom("t1")), Wire.interrupt("i1"));
  }

  @Test
  void an_interrupt_may_name_the_primary_thread_and_no_other() {
    assertAdmitted(
        Story.created(),
        new SessionEvent.UserInterrupt("i1", Wire.SESSION.primaryThreadId(), null));
    assertRefused(Story.created(), new SessionEvent.UserInterrupt("i1", "sthr_01nobody", null));
  }

  @Test
  void nothing_is_accepted_by_a_session_that_ended_or_never_was() {
    Story archived = Story.created().record(new SessionRecord.ArchiveRequested(AT));
    Story deleted = Story.created().record(new SessionRecord.DeleteRequested(AT));

    assertRefused(archived, Wire.message("m1"));
    assertRefused(archived, Wire.interrupt("i1"));
    assertRefused(deleted, Wire.message("m1"));
    assertInstanceOf(
        Admission.Refused.class, Admission.of(Session.ABSENT, List.of(Wire.message("m1"))));
  }

  @Test
  void an_answer_is_accepted_as_soon_as_its_call_exists() {
    Story asking = running().answering(new Reply.Calls(custom("t1"))).performed();

    assertAdmitted(asking, Wire.customResult("t1", AT));
  }

  @Test
  void a_confirmation_is_accepted_only_for_a_call_that_asks() {
    assertAdmitted(calling(asked("t1")), Wire.allow("t1"));
    assertRefused(calling(custom("t1")), Wire.allow("t1"));
    assertRefused(calling(asked("t1")), Wire.allow("t2"));
  }

  @Test
  void a_custom_result_is_accepted_only_for_a_custom_call() {
    assertRefused(calling(asked("t1")), Wire.customResult("t1", AT));
  }

  @Test
  void a_worker_result_is_accepted_only_on_a_self_hosted_environment() {
    assertRefused(calling(asked("t1")), Wire.workerResult("t1", AT));
    assertAdmitted(called(Story.selfHosted(), Reply.allowed("t1")), Wire.workerResult("t1", AT));
  }

  @Test
  void a_worker_result_needs_the_allowance_first() {
    Story asking = called(Story.selfHosted(), asked("t1"));

    assertRefused(asking, Wire.workerResult("t1", AT));
    assertAdmitted(asking, Wire.allow("t1"), Wire.workerResult("t1", AT));
    assertRefused(asking, Wire.deny("t1"), Wire.workerResult("t1", AT));
  }

  @Test
  void the_same_answer_again_is_told_the_first_echo_and_not_stored() {
    Story story = calling(custom("t1")).sent(Wire.customResult("t1", AT));

    Admission admission =
        Admission.of(story.session(), List.of(Wire.customResult("t1", AT.plusSeconds(9))));

    assertEquals(
        new Admission.Admitted(List.of(Wire.customResult("t1", AT)), List.of()), admission);
  }

  @Test
  void the_same_answer_twice_in_one_send_is_stored_once() {
    Admission admission =
        Admission.of(
            calling(custom("t1")).session(),
            List.of(Wire.customResult("t1", AT), Wire.customResult("t1", AT)));

    Admission.Admitted admitted = assertInstanceOf(Admission.Admitted.class, admission);
    assertEquals(2, admitted.echoes().size());
    assertEquals(1, admitted.append().size());
  }

  @Test
  void another_answer_to_an_answered_call_is_refused() {
    Story story = calling(custom("t1")).sent(Wire.customResult("t1", AT));

    assertRefused(
        story,
        new SessionEvent.UserCustomToolResult(
            "sevt_result_t1", "t1", Wire.text("another"), null, AT));
  }

  @Test
  void a_late_confirmation_is_told_the_first_one_whatever_it_says() {
    Story story = calling(asked("t1")).sent(Wire.allow("t1"));

    assertEquals(
        new Admission.Admitted(List.of(Wire.allow("t1")), List.of()),
        Admission.of(story.session(), List.of(Wire.deny("t1"))));
  }

  @Test
  void two_verdicts_about_one_call_in_one_send_count_once() {
    Admission admission =
        Admission.of(calling(asked("t1")).session(), List.of(Wire.allow("t1"), Wire.deny("t1")));

    assertEquals(
        new Admission.Admitted(
            List.of(Wire.allow("t1"), Wire.allow("t1")), List.of(Wire.allow("t1"))),
        admission);
  }

  @Test
  void a_full_inbox_is_a_429_that_says_when_to_come_back() {
    Story story = full(Story.created());

    Admission admission = Admission.of(story.session(), List.of(Wire.message("m9999")));

    Admission.Refused refused = assertInstanceOf(Admission.Refused.class, admission);
    assertEquals(429, refused.error().status());
    assertEquals(Admission.INBOX_RETRY, refused.error().retryAfter());
  }

  @Test
  void a_send_that_would_overfill_the_inbox_is_refused_as_a_whole() {
    SessionEvent.UserMessage[] messages =
        IntStream.rangeClosed(0, Admission.INBOX_EVENTS_MAX)
            .mapToObj(i -> Wire.message("m" + i))
            .toArray(SessionEvent.UserMessage[]::new);

    assertInstanceOf(
        Admission.Refused.class, Admission.of(Story.created().session(), List.of(messages)));
  }

  @Test
  void a_full_inbox_still_takes_an_interrupt_and_the_answers_that_empty_it() {
    assertAdmitted(full(Story.created()), Wire.interrupt("i1"));

    Story asking = running().answering(new Reply.Calls(custom("t1"), asked("t2"))).performed();
    Story waiting = full(asking).settled();

    assertAdmitted(waiting, Wire.customResult("t1", AT), Wire.allow("t2"));
  }

  @Test
  void old_answers_are_forgotten_beyond_the_limit() {
    SessionFacts facts = Story.created().facts();
    for (int i = 0; i <= SessionFacts.ANSWERS_MAX; i++) {
      facts = facts.withAnswer(Wire.customResult("t" + i, AT));
    }

    assertEquals(SessionFacts.ANSWERS_MAX, facts.answers().size());
    assertEquals(Wire.customResult("t1", AT), facts.answers().getFirst().event());
  }

  private static Story full(Story story) {
    for (int i = 0; i < Admission.INBOX_EVENTS_MAX; i++) {
      story.sent(Wire.message("queued" + i));
    }
    return story;
  }

  private static void assertAdmitted(Story story, SessionEvent.ClientEvent... events) {
    Admission admission = Admission.of(story.session(), List.of(events));
    assertEquals(new Admission.Admitted(List.of(events), List.of(events)), admission);
  }

  private static void assertRefused(Story story, SessionEvent.ClientEvent... events) {
    Admission admission = Admission.of(story.session(), List.of(events));
    Admission.Refused refused = assertInstanceOf(Admission.Refused.class, admission);
    assertEquals(400, refused.error().status());
  }

  private static Story running() {
    return Story.created().sent(Wire.message("m1")).performed();
  }

  private static Story calling(Reply.Call... calls) {
    return called(Story.created(), calls);
  }

  private static Story called(Story story, Reply.Call... calls) {
    return story
        .sent(Wire.message("m1"))
        .answering(new Reply.Calls(calls))
        .performed()
        .performed()
        .settled();
  }
}
