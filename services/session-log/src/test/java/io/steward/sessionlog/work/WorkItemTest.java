package io.steward.sessionlog.work;

import static io.steward.sessionlog.Samples.T0;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.http.ApiError;
import io.steward.sessionlog.Samples;
import io.steward.sessionlog.work.WorkItem.Outcome;
import io.steward.sessionlog.work.WorkItem.StoppedBy;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Every rule of contract/core.md §4.4 and §4.6, with plain values.
class WorkItemTest {
  private static final Duration TTL = Duration.ofSeconds(300);
  private static final Instant T1 = T0.plusSeconds(1);
  private static final Instant T2 = T0.plusSeconds(2);

  @Test
  void a_queued_item_is_there_for_a_poll_until_one_gets_it_and_again_when_nobody_acknowledged() {
    WorkItem item = item(true);
    assertTrue(available(item, T0));

    WorkItem handedOut = item.handedOut(T0);

    assertEquals("queued", handedOut.state().wireName());
    assertFalse(available(handedOut, T0.plusMillis(4_999)));
    assertTrue(available(handedOut, T0.plusSeconds(5)));
    assertFalse(available(handedOut.handedOut(T0.plusSeconds(5)), T0.plusSeconds(9)));
  }

  @Test
  void an_acknowledged_item_is_starting_and_to_acknowledge_again_changes_nothing() {
    WorkItem starting = acknowledged(item(true).handedOut(T0));

    assertEquals("starting", starting.state().wireName());
    assertEquals(T1, lease(starting).acknowledgedAt());
    assertEquals(T1.plus(TTL), starting.state().dueAt());
    assertSame(starting, done(starting.acknowledged(T2, TTL)));
    WorkItem active = beat(starting, Heartbeat.NONE, T1).item();
    assertSame(active, done(active.acknowledged(T2, TTL)));
  }

  @Test
  void a_stopped_item_cannot_be_acknowledged() {
    ApiError refusal = refused(item(true).stopped(T1, StoppedBy.CLIENT).acknowledged(T2, TTL));

    assertEquals(409, refusal.status());
  }

  @Test
  void the_first_heartbeat_makes_an_item_active() {
    Outcome.Beaten beaten = beat(acknowledged(item(true)), Heartbeat.NONE, T2);

    assertEquals("active", beaten.item().state().wireName());
    assertEquals(T2, lease(beaten.item()).startedAt());
    assertEquals(new Heartbeat("2026-11-20T10:00:02.000000Z", true, "active", 300), beaten.reply());
    assertEquals(T2.plus(TTL), beaten.item().state().dueAt());
  }

  @Test
  void a_heartbeat_expects_the_latest_one_byte_for_byte() {
    WorkItem active = beat(acknowledged(item(true)), Heartbeat.NONE, T1).item();

    assertEquals(
        "2026-11-20T10:00:02.000000Z",
        beat(active, "2026-11-20T10:00:01.000000Z", T2).reply().lastHeartbeat());
    assertLeaseHeldElsewhere(active, "2026-11-20T10:00:01Z");
    assertLeaseHeldElsewhere(active, "2026-11-20T10:00:01.000001Z");
    assertLeaseHeldElsewhere(active, Heartbeat.NONE);
  }

  @Test
  void a_heartbeat_that_expects_nothing_is_always_taken() {
    WorkItem active = beat(acknowledged(item(true)), null, T1).item();

    assertEquals("2026-11-20T10:00:02.000000Z", beat(active, null, T2).reply().lastHeartbeat());
  }

  @Test
  void two_heartbeats_never_have_the_same_text_whatever_the_clock_says() {
    WorkItem active = beat(acknowledged(item(true)), Heartbeat.NONE, T2).item();

    Outcome.Beaten same = beat(active, "2026-11-20T10:00:02.000000Z", T2);
    Outcome.Beaten back = beat(same.item(), same.reply().lastHeartbeat(), T1);

    assertEquals("2026-11-20T10:00:02.000001Z", same.reply().lastHeartbeat());
    assertEquals("2026-11-20T10:00:02.000002Z", back.reply().lastHeartbeat());
    assertEquals(T2, lease(back.item()).startedAt());
  }

  @Test
  void a_starting_item_expects_that_there_was_no_heartbeat() {
    assertLeaseHeldElsewhere(acknowledged(item(true)), "2026-11-20T10:00:01.000000Z");
  }

  @Test
  void a_lost_lease_is_told_with_the_state_of_the_item() {
    ApiError refusal =
        refused(
            beat(acknowledged(item(true)), Heartbeat.NONE, T1)
                .item()
                .heartbeat(T2, "x", null, TTL));

    assertEquals(412, refusal.status());
    assertEquals(
        Samples.json(
                "{'error_code':'heartbeat_precondition_failed','current_state':{'state':'active',"
                    + "'ttl_seconds':300,'last_heartbeat':'2026-11-20T10:00:01.000000Z',"
                    + "'lease_extended':false}}")
            .toString(),
        refusal.envelope("req_1").at("/error/details").toString());
  }

  @Test
  void an_item_nobody_acknowledged_takes_no_heartbeat() {
    assertEquals(409, refused(item(true).heartbeat(T1, Heartbeat.NONE, null, TTL)).status());
    assertEquals(409, refused(item(true).heartbeat(T1, null, null, TTL)).status());
    assertEquals(412, refused(item(true).heartbeat(T1, "another", null, TTL)).status());
  }

  @Test
  void a_wish_for_the_lease_is_granted_within_bounds() {
    WorkItem starting = acknowledged(item(true));

    assertEquals(60, ttl(starting, 60));
    assertEquals(10, ttl(starting, 1));
    assertEquals(3_600, ttl(starting, 86_400));
    assertEquals(5, Lease.granted(1, Duration.ofSeconds(5)).toSeconds());
  }

  @Test
  void a_lost_lease_brings_the_item_back_without_a_trace_of_its_worker() {
    WorkItem active = beat(acknowledged(item(true)), Heartbeat.NONE, T1).item();
    Instant lost = T1.plus(TTL);
    assertSame(active, active.due(lost.minusMillis(1)));

    WorkItem back = active.due(lost);

    assertEquals(new WorkState.Queued(lost, null), back.state());
    assertEquals(active.id(), back.id());
    assertEquals(412, refused(back.heartbeat(lost, lease(active).beat(), null, TTL)).status());
    WorkItem again = acknowledged(back.handedOut(lost));
    assertTrue(beat(again, Heartbeat.NONE, lost).reply().leaseExtended());
  }

  @Test
  void an_acknowledged_item_without_a_heartbeat_comes_back_too() {
    assertEquals("queued", acknowledged(item(true)).due(T1.plus(TTL)).state().wireName());
  }

  @Test
  void a_stop_is_told_by_the_next_heartbeat_whatever_that_expects() {
    WorkItem active = beat(acknowledged(item(true)), Heartbeat.NONE, T1).item();

    WorkItem stopping = active.stopping(T2, StoppedBy.CLIENT);
    Outcome.Beaten beaten = beat(stopping, "anything", T2);

    assertEquals(T2, stopping.state().stopRequestedAt());
    assertSame(stopping, beaten.item());
    assertEquals(
        new Heartbeat("2026-11-20T10:00:01.000000Z", false, "stopping", 300), beaten.reply());
    WorkItem stopped = stopping.stopped(T2, StoppedBy.WORKER);
    assertEquals(
        new Heartbeat("2026-11-20T10:00:01.000000Z", false, "stopped", 300),
        beat(stopped, Heartbeat.NONE, T2).reply());
    assertEquals(T2, stopped.state().stopRequestedAt());
  }

  @Test
  void whatever_is_not_stopped_can_be_stopped_and_a_stopped_item_stays_as_it_is() {
    WorkItem queued = item(true);
    WorkItem starting = acknowledged(queued);
    WorkItem active = beat(starting, Heartbeat.NONE, T1).item();
    for (WorkItem item : new WorkItem[] {queued, starting, active}) {
      WorkItem stopping = item.stopping(T2, StoppedBy.CLIENT);
      assertEquals("stopping", stopping.state().wireName());
      assertSame(stopping, stopping.stopping(T2.plusSeconds(1), StoppedBy.CLIENT));
      WorkItem stopped = item.stopped(T2, StoppedBy.CLIENT);
      assertEquals("stopped", stopped.state().wireName());
      assertSame(stopped, stopped.stopped(T2.plusSeconds(1), StoppedBy.CLIENT));
      assertSame(stopped, stopped.stopping(T2.plusSeconds(1), StoppedBy.CLIENT));
      assertEquals("stopped", stopping.stopped(T2, StoppedBy.WORKER).state().wireName());
    }
  }

  @Test
  void a_stop_nobody_confirms_is_done_when_it_is_due_and_never_comes_back() {
    WorkItem active = beat(acknowledged(item(true)), Heartbeat.NONE, T1).item();
    WorkItem stopping = active.stopping(T2, StoppedBy.CLIENT);
    assertSame(stopping, stopping.due(T2.plusSeconds(119)));
    assertEquals("stopped", stopping.due(T2.plusSeconds(120)).state().wireName());

    WorkItem nobodys = item(true).stopping(T2, StoppedBy.CLIENT);

    assertEquals("stopped", nobodys.due(T2.plusSeconds(5)).state().wireName());
  }

  @Test
  void what_came_while_the_worker_was_about_to_end_gets_an_item_of_its_own_once() {
    WorkItem active = beat(acknowledged(item(false)), Heartbeat.NONE, T1).item();
    WorkItem asked = Objects.requireNonNull(WorkItem.follow(active, demand(7, 7)).item());

    WorkItem ended = asked.stopped(T2, StoppedBy.WORKER);
    WorkItem successor = ended.successor(T2).orElseThrow();

    assertNotEquals(active.id(), successor.id());
    assertEquals(new WorkState.Queued(T2, null), successor.state());
    WorkItem failed = acknowledged(successor).stopped(T2, StoppedBy.WORKER);
    assertEquals(Optional.empty(), failed.successor(T2));
    assertTrue(assertInstanceOf(WorkState.Stopped.class, failed.state()).failed());
  }

  @Test
  void a_stop_of_a_client_settles_what_the_session_asked_before_and_not_what_it_asks_later() {
    WorkItem active = beat(acknowledged(item(false)), Heartbeat.NONE, T1).item();
    WorkItem asked = Objects.requireNonNull(WorkItem.follow(active, demand(7, 7)).item());

    WorkItem stopping = asked.stopping(T2, StoppedBy.CLIENT);
    WorkItem later = Objects.requireNonNull(WorkItem.follow(stopping, demand(8, 8)).item());

    assertEquals(Optional.empty(), asked.stopped(T2, StoppedBy.CLIENT).successor(T2));
    assertEquals(Optional.empty(), stopping.stopped(T2, StoppedBy.WORKER).successor(T2));
    assertTrue(later.stopped(T2, StoppedBy.WORKER).successor(T2).isPresent());
  }

  @Test
  void a_worker_that_ends_when_its_session_rests_leaves_nothing_behind() {
    WorkItem active = beat(acknowledged(item(false)), Heartbeat.NONE, T1).item();
    WorkItem asked = Objects.requireNonNull(WorkItem.follow(active, demand(7, 7)).item());
    WorkItem rests = Objects.requireNonNull(WorkItem.follow(asked, resting(9)).item());

    WorkItem ended = rests.stopped(T2, StoppedBy.WORKER);

    assertEquals(Optional.empty(), ended.successor(T2));
    assertFalse(assertInstanceOf(WorkState.Stopped.class, ended.state()).failed());
  }

  @Test
  void a_session_that_asks_gets_an_item_when_it_has_none() {
    WorkItem first = Objects.requireNonNull(WorkItem.follow(null, demand(3, 2)).queued());
    WorkItem stopped = first.stopped(T1, StoppedBy.CLIENT);

    assertEquals("queued", first.state().wireName());
    assertEquals(new Need(3, 2, Need.NOTHING, true), first.need());
    assertNull(WorkItem.follow(null, resting(3)).queued());
    assertNull(WorkItem.follow(stopped, resting(4)).queued());
    assertEquals(
        4, Objects.requireNonNull(WorkItem.follow(stopped, demand(4, 4)).queued()).need().readTo());
  }

  @Test
  void what_was_read_before_changes_nothing() {
    WorkItem live = Objects.requireNonNull(WorkItem.follow(null, demand(5, 5)).queued());
    WorkItem stopped = live.stopped(T1, StoppedBy.CLIENT);

    assertEquals(WorkItem.Followed.NOTHING, WorkItem.follow(live, resting(5)));
    assertEquals(WorkItem.Followed.NOTHING, WorkItem.follow(stopped, demand(5, 3)));
    // A batch that begins before and ends behind what was read.
    assertEquals(WorkItem.Followed.NOTHING, WorkItem.follow(stopped, demand(8, 5)));
  }

  @Test
  void an_interrupt_asks_again_only_when_the_worker_failed() {
    WorkItem failed = acknowledged(item(true)).stopped(T1, StoppedBy.WORKER);
    WorkItem calm = acknowledged(item(false)).stopped(T1, StoppedBy.WORKER);

    assertEquals(
        9, Objects.requireNonNull(WorkItem.follow(failed, interrupt(9)).queued()).need().askedAt());
    assertNull(WorkItem.follow(calm, interrupt(9)).queued());
  }

  @Test
  void the_end_of_a_session_stops_its_item_and_nothing_follows() {
    WorkItem active = beat(acknowledged(item(true)), Heartbeat.NONE, T1).item();

    WorkItem stopped = Objects.requireNonNull(WorkItem.follow(active, over(9)).item());

    assertEquals("stopped", stopped.state().wireName());
    assertEquals(Optional.empty(), stopped.successor(T2));
    assertEquals(WorkItem.Followed.NOTHING, WorkItem.follow(null, over(9)));
    assertEquals(WorkItem.Followed.NOTHING, WorkItem.follow(stopped, over(10)));
  }

  @Test
  void metadata_is_the_items_own() {
    assertEquals(Map.of("a", "b"), item(true).withMetadata(Map.of("a", "b")).metadata());
  }

  private static WorkItem item(boolean needed) {
    return new WorkItem(
        "work_01A",
        "wrkspc_default",
        "env_01S",
        Samples.ID,
        Map.of(),
        T0,
        new WorkState.Queued(T0, null),
        new Need(1, 1, Need.NOTHING, needed));
  }

  private static Demand demand(long offset, long askedAt) {
    return demand(offset, askedAt, Need.NOTHING, true, false);
  }

  private static Demand resting(long offset) {
    return demand(offset, Need.NOTHING, Need.NOTHING, false, false);
  }

  private static Demand interrupt(long offset) {
    return demand(offset, Need.NOTHING, offset, false, false);
  }

  private static Demand over(long offset) {
    return demand(offset, Need.NOTHING, Need.NOTHING, false, true);
  }

  private static Demand demand(
      long offset, long askedAt, long interruptedAt, boolean needed, boolean over) {
    return new Demand(
        Samples.ID, "wrkspc_default", "env_01S", offset, T0, askedAt, interruptedAt, needed, over);
  }

  private static boolean available(WorkItem item, Instant now) {
    return item.state() instanceof WorkState.Queued queued
        && queued.available(now, WorkItem.RECLAIM);
  }

  private static WorkItem acknowledged(WorkItem item) {
    return done(item.acknowledged(T1, TTL));
  }

  private static WorkItem done(Outcome outcome) {
    return assertInstanceOf(Outcome.Done.class, outcome).item();
  }

  private static Outcome.Beaten beat(WorkItem item, @Nullable String expected, Instant now) {
    return assertInstanceOf(Outcome.Beaten.class, item.heartbeat(now, expected, null, TTL));
  }

  private static ApiError refused(Outcome outcome) {
    return assertInstanceOf(Outcome.Refused.class, outcome).error();
  }

  private static void assertLeaseHeldElsewhere(WorkItem item, String expected) {
    assertEquals(412, refused(item.heartbeat(T2, expected, null, TTL)).status());
  }

  private static long ttl(WorkItem item, int wishSeconds) {
    return assertInstanceOf(
            Outcome.Beaten.class, item.heartbeat(T1, Heartbeat.NONE, wishSeconds, TTL))
        .reply()
        .ttlSeconds();
  }

  private static Lease lease(WorkItem item) {
    return Objects.requireNonNull(item.state().lease());
  }
}
