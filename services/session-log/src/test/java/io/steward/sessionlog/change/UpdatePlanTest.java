package io.steward.sessionlog.change;

import static io.steward.sessionlog.Samples.ID;
import static io.steward.sessionlog.Samples.T0;
import static io.steward.sessionlog.Samples.json;
import static io.steward.sessionlog.Samples.message;
import static io.steward.sessionlog.Samples.session;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.session.Session;
import io.steward.sessionlog.view.Views;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UpdatePlanTest {
  private static final Session RUNNING =
      session(new SessionRecord.EventsSent(List.of(message("a"))));

  @Test
  void only_what_changes_is_asked_for() {
    SessionRecord.UpdateRequested update =
        plan(session(), "{'title':null,'metadata':{'b':'2','a':null}}").orElseThrow();

    assertTrue(update.title() != null && update.title().isNull());
    assertEquals(Map.of("b", "2"), update.metadata());
    assertNull(update.agent());
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{'title':'title'}", "{'metadata':{'a':'1'}}", "{'budget':null}"})
  void an_update_that_changes_nothing_asks_for_nothing(String body) {
    assertTrue(plan(session(), body).isEmpty());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'vault_ids':null}",
        "{'budget':{}}",
        "{'title':5}",
        "{'agent':'x'}",
        "{'metadata':{'a':5}}",
        "{'agent':{'tools':[{'type':'nope'}]}}"
      })
  void an_update_that_breaks_a_rule_is_refused(String body) {
    ApiException refused = assertThrows(ApiException.class, () -> plan(session(), body));

    assertEquals(400, refused.error().status());
  }

  @Test
  void tools_change_only_while_the_session_is_not_running() {
    assertThrows(ApiException.class, () -> plan(RUNNING, "{'agent':{'tools':[]}}"));
    assertTrue(plan(RUNNING, "{'title':'new'}").isPresent());
    assertTrue(plan(session(), "{'agent':{'tools':[]}}").isPresent());
  }

  @Test
  void an_archived_session_is_never_changed() {
    Session archived = session(new SessionRecord.ArchiveRequested(T0));

    assertThrows(ApiException.class, () -> plan(archived, "{'title':'x'}"));
  }

  @Test
  void an_interrupt_waits_until_it_is_applied() {
    SessionEvent.UserInterrupt interrupt = new SessionEvent.UserInterrupt("i", null, null);
    Session sent =
        session(
            new SessionRecord.EventsSent(List.of(message("a"))),
            new SessionRecord.EventsSent(List.of(interrupt)));
    Session applied =
        session(
            new SessionRecord.EventsSent(List.of(interrupt)),
            new SessionRecord.EventRecorded(interrupt.processed(T0)));

    assertTrue(UpdatePlan.running(sent) && UpdatePlan.interruptWaits(sent));
    assertFalse(UpdatePlan.interruptWaits(applied));
    assertFalse(UpdatePlan.interruptWaits(RUNNING));
  }

  private static Optional<SessionRecord.UpdateRequested> plan(Session session, String body) {
    return UpdatePlan.of(session, Views.facts(session, ID.value()), json(body), T0);
  }
}
