package io.steward.sessionlog.send;

import static io.steward.sessionlog.Samples.T0;
import static io.steward.sessionlog.Samples.budgeted;
import static io.steward.sessionlog.Samples.message;
import static io.steward.sessionlog.Samples.session;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.event.StopReason;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.session.Admission;
import io.steward.schemas.session.Session;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class SendRoutesTest {
  private static final SessionEvent.UserInterrupt INTERRUPT =
      new SessionEvent.UserInterrupt("sevt_3", null, null);
  private static final SessionEvent.UserToolResult ANSWER =
      new SessionEvent.UserToolResult("sevt_4", "sevt_1", null, null, T0);
  private static final Session BUSY =
      session(new SessionRecord.EventsSent(List.of(message("sevt_1"))));

  @Test
  void a_message_to_a_session_that_rests_is_accepted_at_once() {
    assertFalse(SendRoutes.mayBeBehind(session(), List.of(message("sevt_2"))));
  }

  @Test
  void a_message_to_a_session_with_work_may_come_too_late() {
    assertTrue(SendRoutes.mayBeBehind(BUSY, List.of(message("sevt_2"))));
  }

  @Test
  void an_interrupt_needs_no_look_at_the_log() {
    assertFalse(SendRoutes.mayBeBehind(BUSY, List.of(INTERRUPT)));
  }

  @Test
  void a_session_with_a_budget_may_have_just_stopped_at_it() {
    assertTrue(SendRoutes.mayBeBehind(budgeted("5"), List.of(message("sevt_2"))));
    assertTrue(SendRoutes.mayBeBehind(budgeted("5"), List.of(INTERRUPT)));
    assertFalse(SendRoutes.mayBeBehind(budgeted("5"), List.of(ANSWER)));
  }

  @Test
  void a_session_at_its_budget_takes_answers_and_ignores_interrupts() {
    Session stopped = atBudget();

    assertInstanceOf(Admission.Refused.class, Admission.of(stopped, List.of(message("sevt_2"))));
    Admission.Admitted ignored =
        assertInstanceOf(Admission.Admitted.class, Admission.of(stopped, List.of(INTERRUPT)));
    assertEquals(List.of(INTERRUPT), ignored.echoes());
    assertEquals(List.of(), ignored.append());
  }

  private static Session atBudget() {
    return budgeted(
        "5",
        new SessionRecord.EventRecorded(new SessionEvent.SessionStatusRunning("r", T0)),
        new SessionRecord.EventRecorded(
            new SessionEvent.SessionStatusIdle(
                "i", new StopReason.BudgetReached(), null, T0.plus(Duration.ofHours(1)))));
  }
}
