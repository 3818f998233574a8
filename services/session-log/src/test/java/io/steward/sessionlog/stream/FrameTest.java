package io.steward.sessionlog.stream;

import static io.steward.sessionlog.Samples.T0;
import static io.steward.sessionlog.Samples.message;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.event.SessionEvent;
import org.junit.jupiter.api.Test;

class FrameTest {
  @Test
  void a_frame_names_its_type_and_holds_the_event_in_one_line() {
    Frame frame = Frame.of(message("sevt_1"));

    assertEquals(
        "event: user.message\ndata: {\"type\":\"user.message\",\"id\":\"sevt_1\",\"content\":"
            + "[{\"type\":\"text\",\"text\":\"hi\"}],\"processed_at\":null}\n\n",
        frame.bytes().toString());
    assertFalse(frame.last());
  }

  @Test
  void a_ping_is_a_frame_too() {
    assertEquals("event: ping\ndata: {\"type\":\"ping\"}\n\n", Frame.PING.bytes().toString());
  }

  @Test
  void a_stream_ends_with_the_session() {
    assertTrue(Frame.of(new SessionEvent.SessionDeleted("d", T0)).last());
    assertTrue(Frame.of(new SessionEvent.SessionStatusTerminated("t", T0)).last());
  }
}
