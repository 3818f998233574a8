package io.steward.schemas.session;

import static io.steward.schemas.session.Reply.asked;
import static io.steward.schemas.session.Reply.custom;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.steward.schemas.agent.SessionAgent;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.record.SessionRecord;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What clients ask of a session: update, archive, delete, in each state.
class RequestsTest {
  private static final Instant AT = Wire.START.plusSeconds(60);

  @Test
  void an_update_takes_effect_at_once_and_is_announced() {
    Story story =
        Story.created().record(update("New title", Map.of("team", "blue"), Wire.agent("Other")));

    assertEquals("New title", story.facts().title());
    assertEquals(Map.of("team", "blue"), story.facts().metadata());
    assertEquals(Wire.agent("Other"), story.facts().agent());
    assertAccepted(story);
    int before = story.size();

    story.settled();

    assertEquals(List.of("session.updated"), story.writtenAfter(before));
    assertEquals(List.of(), story.facts().announcements());
  }

  @Test
  void an_update_announces_only_what_changed() {
    Story story = Story.created().record(update("New title", Map.of("team", "red"), null));

    assertEquals(
        new Step.Announce(
            new Announcement.Updated(
                null, null, JsonNodeFactory.instance.textNode("New title"), null)),
        story.step());
  }

  @Test
  void an_update_that_changes_nothing_is_accepted_and_not_announced() {
    Story story =
        Story.created().record(update("Title", Map.of("team", "red"), Wire.agent("Coder")));

    assertAccepted(story);
    assertEquals(new Step.Rest(), story.step());
  }

  @Test
  void a_cleared_title_is_announced_as_null() {
    Story story =
        Story.created()
            .record(
                new SessionRecord.UpdateRequested(
                    JsonNodeFactory.instance.nullNode(), null, null, null, AT));

    assertNull(story.facts().title());
    assertEquals(
        new Announcement.Updated(null, null, JsonNodeFactory.instance.nullNode(), null),
        story.facts().announcements().getFirst());
  }

  @Test
  void cleared_metadata_is_announced_without_metadata() {
    Story story = Story.created().record(update(null, Map.of(), null));

    assertEquals(Map.of(), story.facts().metadata());
    assertEquals(
        new Announcement.Updated(null, null, null, null), story.facts().announcements().getFirst());
  }

  @Test
  void the_agent_cannot_change_while_the_session_runs() {
    Story story = running().record(update("New title", null, Wire.agent("Other")));

    assertRefused(story);
    assertEquals("Title", story.facts().title());
    assertEquals(Wire.agent("Coder"), story.facts().agent());
  }

  @Test
  void the_agent_cannot_change_between_a_message_and_its_turn() {
    Story story = Story.created().sent(Wire.message("m1"));

    story.record(update(null, null, Wire.agent("Other")));

    assertRefused(story);
  }

  @Test
  void the_title_can_change_while_the_session_runs() {
    Story story = running().record(update("New title", null, null));

    assertAccepted(story);
    assertInstanceOf(Step.Announce.class, story.step());
    assertInstanceOf(Step.AwaitModel.class, story.performed().step());
  }

  @Test
  void updates_are_announced_one_after_another_in_their_order() {
    Story story =
        Story.created().record(update("Second", null, null)).record(update("Third", null, null));

    assertEquals(2, story.facts().announcements().size());
    assertEquals("Second", announcedTitle(story));
    assertEquals("Third", announcedTitle(story.performed()));
    assertEquals(new Step.Rest(), story.performed().step());
  }

  @Test
  void archiving_an_idle_session_terminates_it_and_is_announced() {
    Story story = Story.created().record(new SessionRecord.ArchiveRequested(AT));

    assertInstanceOf(Session.Terminated.class, story.session());
    assertEquals(AT, story.facts().archivedAt());
    assertAccepted(story);
    int before = story.size();

    story.settled();

    assertEquals(List.of("session.status_terminated"), story.writtenAfter(before));
    assertEquals(new Step.Rest(), story.step());
  }

  @Test
  void a_session_that_waits_for_the_client_can_be_archived() {
    Story story = calling(custom("t1")).settled().record(new SessionRecord.ArchiveRequested(AT));

    assertInstanceOf(Session.Terminated.class, story.session());
  }

  @Test
  void a_running_session_cannot_be_archived() {
    Story story = running().record(new SessionRecord.ArchiveRequested(AT));

    assertRefused(story);
    assertNull(story.facts().archivedAt());
    assertInstanceOf(Session.Running.class, story.session());
  }

  @Test
  void a_session_cannot_be_archived_between_a_message_and_its_turn() {
    Story story =
        Story.created().sent(Wire.message("m1")).record(new SessionRecord.ArchiveRequested(AT));

    assertRefused(story);
  }

  @Test
  void a_session_cannot_be_archived_between_a_steering_send_and_its_turn() {
    Story story =
        calling(custom("t1"))
            .settled()
            .sent(Wire.interrupt("i1"), Wire.message("m2"))
            .record(new SessionRecord.ArchiveRequested(AT));

    assertRefused(story);
  }

  @Test
  void a_rescheduling_session_can_be_archived() {
    Story story = rescheduling().record(new SessionRecord.ArchiveRequested(AT));

    assertInstanceOf(Session.Terminated.class, story.session());
  }

  @Test
  void archiving_twice_is_accepted_keeps_the_first_time_and_announces_once() {
    Story story = Story.created().record(new SessionRecord.ArchiveRequested(AT)).settled();

    story.record(new SessionRecord.ArchiveRequested(AT.plusSeconds(60)));

    assertAccepted(story);
    assertEquals(AT, story.facts().archivedAt());
    assertEquals(new Step.Rest(), story.step());
  }

  @Test
  void archiving_a_session_that_failed_announces_nothing_new() {
    Story story =
        Story.created().answering(new Reply.FailsTerminally()).sent(Wire.message("m1")).settled();

    story.record(new SessionRecord.ArchiveRequested(AT));

    assertEquals(AT, story.facts().archivedAt());
    assertEquals(new Step.Rest(), story.step());
  }

  @Test
  void an_update_before_an_archive_is_announced_before_it() {
    Story story =
        Story.created()
            .record(update("New title", null, null))
            .record(new SessionRecord.ArchiveRequested(AT));
    int before = story.size();

    story.settled();

    assertEquals(
        List.of("session.updated", "session.status_terminated"), story.writtenAfter(before));
  }

  @Test
  void a_terminated_session_cannot_be_updated() {
    Story story =
        Story.created()
            .record(new SessionRecord.ArchiveRequested(AT))
            .record(update("New title", null, null));

    assertRefused(story);
    assertEquals("Title", story.facts().title());
  }

  @Test
  void a_terminated_session_keeps_the_time_of_its_end() {
    Story story = Story.created().record(new SessionRecord.ArchiveRequested(AT));
    Instant end = story.facts().updatedAt();

    story.settled().record(update("New title", null, null)).sent(Wire.message("m1"));

    assertEquals(end, story.facts().updatedAt());
  }

  @Test
  void a_message_that_lost_the_race_with_an_archive_has_no_effect() {
    Story story =
        Story.created().record(new SessionRecord.ArchiveRequested(AT)).sent(Wire.message("m1"));

    assertEquals(Inbox.EMPTY, story.facts().inbox());
    assertInstanceOf(Step.Announce.class, story.step());
  }

  @Test
  void a_step_that_lost_the_race_with_an_archive_changes_nothing() {
    Story story = calling(asked("t1"), custom("t2")).settled().sent(Wire.interrupt("i1"));
    Step interrupt = story.step();

    story.record(new SessionRecord.ArchiveRequested(AT)).performed(interrupt);

    assertInstanceOf(Session.Terminated.class, story.session());
    assertEquals(Inbox.EMPTY, story.facts().inbox());
    assertEquals(new Step.Announce(new Announcement.Archived()), story.step());
  }

  @Test
  void a_retry_that_lost_the_race_with_an_archive_changes_nothing() {
    Story story = rescheduling();
    Step retry = story.step();
    story.record(new SessionRecord.ArchiveRequested(AT));

    story
        .performed(retry)
        .recorded(new SessionEvent.SpanModelRequestStart("span1", story.now()))
        .record(
            new SessionRecord.ModelResponse(
                "span1", "demo", List.of(), Map.of(), "end_turn", null, Wire.usage()))
        .recorded(
            new SessionEvent.SpanModelRequestEnd("e1", "span1", false, Wire.usage(), story.now()));

    assertInstanceOf(Session.Terminated.class, story.session());
    assertEquals(5, story.facts().meter().usage().outputTokens());
    assertEquals(new Step.Announce(new Announcement.Archived()), story.step());
  }

  @Test
  void deleting_removes_everything_and_is_announced_once() {
    Story story = Story.created().record(new SessionRecord.DeleteRequested(AT));

    assertInstanceOf(Session.Deleted.class, story.session());
    assertEquals(new Step.AnnounceDeleted(), story.step());

    story.performed();

    assertEquals(new Step.Rest(), story.step());
    assertEquals(Session.Status.TERMINATED, story.session().status());
    assertEquals(true, story.session().known().isEmpty());
  }

  @Test
  void a_running_session_cannot_be_deleted() {
    Story story = running().record(new SessionRecord.DeleteRequested(AT));

    assertRefused(story);
    assertInstanceOf(Session.Running.class, story.session());
  }

  @Test
  void an_archived_session_can_be_deleted() {
    Story story =
        Story.created()
            .record(new SessionRecord.ArchiveRequested(AT))
            .settled()
            .record(new SessionRecord.DeleteRequested(AT));

    assertEquals(new Step.AnnounceDeleted(), story.step());
  }

  @Test
  void a_rescheduling_session_can_be_deleted() {
    Story story = rescheduling().record(new SessionRecord.DeleteRequested(AT));

    assertEquals(new Step.AnnounceDeleted(), story.step());
  }

  @Test
  void nothing_brings_a_deleted_session_back() {
    Story story = Story.created().record(new SessionRecord.DeleteRequested(AT)).settled();
    Session deleted = story.session();

    story
        .sent(Wire.message("m1"))
        .record(Wire.created(Wire.CLOUD))
        .recorded(new SessionEvent.SessionStatusRunning("e1", story.now()));

    assertEquals(deleted, story.session());
  }

  private static SessionRecord update(
      @Nullable String title,
      @Nullable Map<String, String> metadata,
      @Nullable SessionAgent agent) {
    return new SessionRecord.UpdateRequested(
        title == null ? null : JsonNodeFactory.instance.textNode(title), metadata, agent, null, AT);
  }

  private static String announcedTitle(Story story) {
    Step.Announce step = (Step.Announce) story.step();
    return java.util.Objects.requireNonNull(((Announcement.Updated) step.announcement()).title())
        .asText();
  }

  private static void assertAccepted(Story story) {
    assertEquals(
        new SessionFacts.RequestOutcome(story.log().getLast().recordId(), null),
        story.facts().lastRequest());
  }

  private static void assertRefused(Story story) {
    SessionFacts.RequestOutcome outcome = story.facts().lastRequest();
    assertNotNull(outcome);
    assertEquals(story.log().getLast().recordId(), outcome.recordId());
    assertNotNull(outcome.refusal());
  }

  private static Story running() {
    return Story.created().sent(Wire.message("m1")).performed();
  }

  private static Story rescheduling() {
    return running().answering(new Reply.FailsOnce()).performed();
  }

  private static Story calling(Reply.Call... calls) {
    return running().answering(new Reply.Calls(calls)).performed();
  }
}
