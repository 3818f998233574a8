package io.steward.sessionlog.send;

import static io.steward.sessionlog.Samples.message;
import static io.steward.sessionlog.Samples.session;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.session.Session;
import java.util.List;
import org.junit.jupiter.api.Test;

class SendRoutesTest {
  private static final Session BUSY =
      session(new SessionRecord.EventsSent(List.of(message("sevt_1"))));

  @Test
  void a_message_to_a_session_that_rests_is_accepted_at_once() {
    assertFalse(SendRoutes.mayWaitForClient(session(), List.of(message("sevt_2"))));
  }

  @Test
  void a_message_to_a_session_with_work_may_come_too_late() {
    assertTrue(SendRoutes.mayWaitForClient(BUSY, List.of(message("sevt_2"))));
  }

  @Test
  void an_interrupt_needs_no_look_at_the_log() {
    SessionEvent.UserInterrupt interrupt = new SessionEvent.UserInterrupt("sevt_2", null, null);

    assertFalse(SendRoutes.mayWaitForClient(BUSY, List.of(interrupt)));
  }
}
