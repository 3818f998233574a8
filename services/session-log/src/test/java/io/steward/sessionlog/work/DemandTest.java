package io.steward.sessionlog.work;

import static io.steward.sessionlog.Samples.ID;
import static io.steward.sessionlog.Samples.T0;
import static io.steward.sessionlog.Samples.logged;
import static io.steward.sessionlog.Samples.message;
import static io.steward.sessionlog.Samples.selfHosted;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.session.Session;
import io.steward.sessionlog.Samples;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What records mean for workers.
class DemandTest {
  private static final SessionRecord MESSAGE = sent(message("sevt_1"));
  private static final SessionRecord INTERRUPT =
      sent(new SessionEvent.UserInterrupt("sevt_2", null, null));

  @Test
  void a_session_of_this_server_needs_no_worker() {
    assertEquals(
        Optional.empty(),
        Demand.of(Session.ABSENT, Samples.created(List.of()), Samples.session(), 0, T0));
  }

  @Test
  void a_session_asks_when_it_begins_also_without_anything_to_do() {
    Demand idle = last(selfHosted(ID));
    Demand busy = last(selfHosted(ID, message("sevt_1")));

    assertEquals("env_01S", idle.environmentId());
    assertEquals(0, idle.askedAt());
    assertFalse(idle.needed());
    assertEquals(0, busy.askedAt());
    assertTrue(busy.needed());
  }

  @Test
  void a_message_asks_and_so_does_another_one() {
    assertEquals(1, last(selfHosted(ID), MESSAGE).askedAt());
    assertTrue(last(selfHosted(ID), MESSAGE).needed());
    assertEquals(2, last(selfHosted(ID), MESSAGE, sent(message("sevt_9"))).askedAt());
  }

  @Test
  void what_changes_nothing_for_a_resting_session_asks_nothing() {
    Demand demand =
        last(selfHosted(ID), new SessionRecord.UpdateRequested(null, null, null, null, T0));

    assertEquals(Need.NOTHING, demand.askedAt());
    assertFalse(demand.asks());
  }

  @Test
  void an_interrupt_is_told_apart_from_what_asks_anyway() {
    Demand demand = last(selfHosted(ID), INTERRUPT);

    assertEquals(1, demand.interruptedAt());
    assertEquals(Need.NOTHING, demand.askedAt());
    assertTrue(demand.asks());
  }

  @Test
  void an_archived_a_deleted_and_an_unreadable_session_are_over() {
    assertTrue(last(selfHosted(ID), new SessionRecord.ArchiveRequested(T0)).over());
    assertTrue(last(selfHosted(ID), new SessionRecord.DeleteRequested(T0)).over());
    Session session = Session.ABSENT.apply(logged(0, selfHosted(ID, message("sevt_1"))));
    Demand demand =
        Demand.of(session, null, session.setAside(1, "it is no JSON"), 1, T0).orElseThrow();
    assertTrue(demand.over());
    assertFalse(demand.asks());
  }

  @Test
  void records_of_one_batch_are_one_demand() {
    Session idle = Session.ABSENT.apply(logged(0, selfHosted(ID)));
    Demand first = Demand.of(Session.ABSENT, selfHosted(ID), idle, 0, T0).orElseThrow();
    Demand second = last(selfHosted(ID), INTERRUPT);

    Demand both = first.then(second);

    assertEquals(1, both.offset());
    assertEquals(0, both.askedAt());
    assertEquals(1, both.interruptedAt());
    assertFalse(first.then(last(selfHosted(ID), new SessionRecord.ArchiveRequested(T0))).asks());
  }

  private static SessionRecord sent(SessionEvent event) {
    return new SessionRecord.EventsSent(List.of(event));
  }

  /// What the last of some records means.
  private static Demand last(SessionRecord... records) {
    Session before = Session.ABSENT;
    Session after = Session.ABSENT;
    for (int i = 0; i < records.length; i++) {
      before = after;
      after = before.apply(logged(i, records[i]));
    }
    int offset = records.length - 1;
    return Demand.of(before, records[offset], after, offset, T0).orElseThrow();
  }
}
