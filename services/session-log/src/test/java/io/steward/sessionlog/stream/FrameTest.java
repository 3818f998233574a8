package io.steward.sessionlog.stream;

import static io.steward.sessionlog.Samples.T0;
import static io.steward.sessionlog.Samples.message;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.preview.PreviewFrame;
import org.junit.jupiter.api.Test;

class FrameTest {
  private static final StreamPosition AT = new StreamPosition("uU-_1", 0, 41, 2);

  @Test
  void a_frame_names_its_type_and_place_and_holds_the_event_in_one_line() {
    Frame frame = Frame.of(message("sevt_1"), T0, AT);

    assertEquals(
        "event: user.message\nid: uU-_1.0.41.2\ndata: {\"type\":\"user.message\",\"id\":\"sevt_1\",\"content\":"
            + "[{\"type\":\"text\",\"text\":\"hi\"}],\"processed_at\":null}\n\n",
        frame.bytes().toString());
    assertFalse(frame.last());
  }

  @Test
  void a_stream_begins_with_its_place() {
    assertEquals(
        "event: ping\nid: uU-_1.0.41.2\ndata: {\"type\":\"ping\"}\n\n",
        Frame.begin(AT).bytes().toString());
  }

  @Test
  void a_ping_is_a_frame_too() {
    assertEquals("event: ping\ndata: {\"type\":\"ping\"}\n\n", Frame.PING.bytes().toString());
  }

  @Test
  void a_preview_is_a_frame_of_its_own_type() {
    Frame start =
        Frame.of(
            new PreviewFrame.EventStart(new PreviewFrame.Announced("agent.message", "sevt_1")));
    Frame delta = Frame.of(new PreviewFrame.EventDelta("sevt_1", PreviewFrame.Delta.of("Hi\n", 0)));

    assertEquals(
        "event: event_start\ndata: {\"type\":\"event_start\",\"event\":"
            + "{\"type\":\"agent.message\",\"id\":\"sevt_1\"}}\n\n",
        start.bytes().toString());
    assertEquals(
        "event: event_delta\ndata: {\"type\":\"event_delta\",\"event_id\":\"sevt_1\",\"delta\":"
            + "{\"type\":\"content_delta\",\"content\":{\"type\":\"text\",\"text\":\"Hi\\n\"},"
            + "\"index\":0}}\n\n",
        delta.bytes().toString());
  }

  @Test
  void a_stream_ends_with_the_session() {
    assertTrue(Frame.of(new SessionEvent.SessionDeleted("d", T0), T0, AT).last());
    assertTrue(Frame.of(new SessionEvent.SessionStatusTerminated("t", T0), T0, AT).last());
  }
}
