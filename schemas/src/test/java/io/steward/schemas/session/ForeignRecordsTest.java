package io.steward.schemas.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.steward.schemas.event.RequestUsage;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.record.LoggedRecord;
import io.steward.schemas.record.SessionRecord;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Records nobody should have written, or nobody here can read: duplicates, records of a later
/// version, impossible and unreadable ones.
class ForeignRecordsTest {
  @Test
  void a_record_of_a_later_version_that_may_be_ignored_only_moves_the_position() {
    Story story = Story.created().sent(Wire.message("m1"));
    Step before = story.step();

    story.record(new SessionRecord.Unrecognized("agent.dreamed", true));

    assertEquals(before, story.step());
    assertEquals(story.log().getLast().offset() + 1, story.facts().nextOffset());
  }

  @Test
  void a_record_of_a_later_version_that_must_be_known_sets_the_session_aside() {
    Story story = Story.created().sent(Wire.message("m1"));

    story.record(new SessionRecord.Unrecognized("agent.dreamed", false));

    Session.SetAside aside = assertInstanceOf(Session.SetAside.class, story.session());
    assertEquals("this version does not know records of type agent.dreamed", aside.reason());
    assertEquals(Session.Status.TERMINATED, aside.status());
    assertEquals(new Step.Rest(), story.step());
  }

  @Test
  void a_session_set_aside_takes_no_further_record() {
    Story story = Story.created().record(new SessionRecord.Unrecognized("agent.dreamed", false));
    Session aside = story.session();

    story.sent(Wire.message("m1")).record(new SessionRecord.ArchiveRequested(Wire.START));

    assertSame(aside, story.session());
  }

  @Test
  void a_session_set_aside_can_be_deleted() {
    Story story = Story.created().record(new SessionRecord.Unrecognized("agent.dreamed", false));

    story.record(new SessionRecord.DeleteRequested(Wire.START));

    assertEquals(new Step.AnnounceDeleted(), story.step());
  }

  @Test
  void an_unreadable_record_sets_the_session_aside() {
    Story story = Story.created();

    Session after = story.session().setAside(7, "the body does not fit");

    Session.SetAside aside = assertInstanceOf(Session.SetAside.class, after);
    assertEquals("the body does not fit", aside.reason());
    assertEquals(8, aside.facts().nextOffset());
  }

  @Test
  void an_unreadable_record_that_was_passed_before_changes_nothing() {
    Story story = Story.created().sent(Wire.message("m1"));

    assertSame(story.session(), story.session().setAside(1, "the body does not fit"));
  }

  @Test
  void an_unreadable_record_of_no_session_or_a_deleted_one_changes_nothing() {
    Session deleted =
        Story.created().record(new SessionRecord.DeleteRequested(Wire.START)).session();

    assertSame(Session.ABSENT, Session.ABSENT.setAside(7, "the body does not fit"));
    assertSame(deleted, deleted.setAside(7, "the body does not fit"));
  }

  @Test
  void records_before_the_creation_make_no_session() {
    LoggedRecord stray =
        new LoggedRecord(
            Wire.SESSION,
            "rec0",
            0,
            Wire.START,
            new SessionRecord.EventsSent(List.of(Wire.message("m1"))));

    assertSame(Session.ABSENT, Session.ABSENT.apply(stray));
    assertEquals(new Step.Rest(), Step.next(Session.ABSENT, Story.LIMITS));
  }

  @Test
  void a_second_creation_sets_the_session_aside() {
    Story story = Story.created().record(Wire.created(Wire.CLOUD));

    assertInstanceOf(Session.SetAside.class, story.session());
  }

  @Test
  void a_record_read_again_changes_nothing() {
    Story story =
        Story.created().answering(new Reply.Says("One.")).sent(Wire.message("m1")).settled();

    for (LoggedRecord record : story.log()) {
      assertSame(story.session(), story.session().apply(record));
    }
  }

  @Test
  void an_event_sent_twice_waits_once() {
    Story story = Story.created().sent(Wire.message("m1")).sent(Wire.message("m1"));

    assertEquals(List.of(Wire.message("m1")), story.facts().inbox().events());
  }

  @Test
  void a_result_for_no_open_call_sets_the_session_aside() {
    Story story = Story.created().recorded(Wire.toolResult("t1", Wire.START));

    assertInstanceOf(Session.SetAside.class, story.session());
  }

  @Test
  void a_tool_call_without_a_request_sets_the_session_aside() {
    Story story = Story.created().recorded(Wire.customToolUse("t1", Wire.START));

    assertInstanceOf(Session.SetAside.class, story.session());
  }

  @Test
  void a_model_request_outside_a_turn_sets_the_session_aside() {
    Story story =
        Story.created().recorded(new SessionEvent.SpanModelRequestStart("s1", Wire.START));

    assertInstanceOf(Session.SetAside.class, story.session());
  }

  @Test
  void an_answer_without_a_request_sets_the_session_aside() {
    Story story =
        Story.created()
            .record(
                new SessionRecord.ModelResponse(
                    "s1", "demo", List.of(), Map.of(), "end_turn", null, RequestUsage.NONE));

    assertInstanceOf(Session.SetAside.class, story.session());
  }

  @Test
  @SuppressWarnings("NullAway") // A writer left a required field out.
  void a_record_without_a_required_field_sets_only_its_session_aside() {
    Story story = Story.created().recorded(new SessionEvent.SessionError("e1", null, Wire.START));

    Session.SetAside aside = assertInstanceOf(Session.SetAside.class, story.session());
    assertEquals(true, aside.reason().startsWith("the record rec1 cannot be applied"));
  }

  @Test
  void totals_stop_at_the_largest_value_the_wire_can_carry() {
    RequestUsage huge = new RequestUsage(Integer.MAX_VALUE, 0, 0, 0);
    Story story = Story.created().sent(Wire.message("m1")).performed();

    story.recorded(
        new SessionEvent.SpanModelRequestEnd("e1", "s1", true, huge, Wire.START),
        new SessionEvent.SpanModelRequestEnd("e2", "s1", true, huge, Wire.START));

    assertEquals(Integer.MAX_VALUE, story.facts().meter().usage().inputTokens());
  }

  @Test
  void the_newest_time_of_an_event_counts_what_clients_sent_too() {
    Instant ahead = Wire.START.plusSeconds(3600);
    Story story = Story.created();

    story.sent(Wire.customResult("unknown", ahead));

    assertEquals(ahead, story.facts().lastEventAt());

    story.recorded(new SessionEvent.SessionStatusRunning("e1", Wire.START));

    assertEquals(ahead, story.facts().lastEventAt());
  }
}
