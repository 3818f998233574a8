package io.steward.schemas.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.json.Json;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Types and bytes of records. That every golden example survives the way is ContractTest's.
class SessionRecordCodecTest {
  private static final Instant AT = Instant.parse("2026-11-20T10:00:00Z");

  @Test
  void a_recorded_event_is_the_event_itself() {
    SessionEvent event = new SessionEvent.AgentThinking("sevt_1", AT);
    SessionRecord record = new SessionRecord.EventRecorded(event);

    assertEquals("agent.thinking", SessionRecordCodec.type(record));
    assertEquals(Json.tree(Json.bytes(event)), Json.tree(SessionRecordCodec.json(record)));
    assertEquals(record, again(record));
  }

  @Test
  void a_send_keeps_its_events_in_order() {
    SessionRecord record =
        new SessionRecord.EventsSent(
            List.of(
                new SessionEvent.UserInterrupt("sevt_1", null, null),
                new SessionEvent.UserInterrupt("sevt_2", "sthr_01A", AT)));

    assertEquals("session.events_sent", SessionRecordCodec.type(record));
    assertEquals(record, again(record));
  }

  @Test
  void a_title_that_is_cleared_is_told_from_one_that_is_kept() {
    SessionRecord cleared =
        new SessionRecord.UpdateRequested(
            JsonNodeFactory.instance.nullNode(), null, null, null, AT);
    SessionRecord kept = new SessionRecord.UpdateRequested(null, null, null, null, AT);

    assertEquals(cleared, again(cleared));
    assertEquals(kept, again(kept));
    assertNull(assertInstanceOf(SessionRecord.UpdateRequested.class, again(kept)).title());
  }

  @Test
  void an_unknown_type_is_kept_as_unrecognized() {
    assertEquals(
        new SessionRecord.Unrecognized("agent.dreamed", true),
        SessionRecordCodec.decode("agent.dreamed", true, bytes("{\"any\":1}")));
  }

  @Test
  void an_unrecognized_record_is_never_written() {
    assertThrows(
        IllegalArgumentException.class,
        () -> SessionRecordCodec.json(new SessionRecord.Unrecognized("agent.dreamed", true)));
  }

  @Test
  void a_body_that_does_not_fit_is_an_error() {
    for (String json :
        List.of("", "[]", "{\"events\":7}", "{\"events\":[{\"type\":\"nobody\"}]}")) {
      assertThrows(
          UncheckedIOException.class,
          () -> SessionRecordCodec.decode(SessionRecord.EVENTS_SENT, false, bytes(json)),
          json);
    }
  }

  @Test
  void a_body_that_is_null_or_of_another_type_is_an_error() {
    String other =
        "{\"type\":\"agent.thinking\",\"id\":\"e\",\"processed_at\":\"2026-11-20T10:00:00Z\"}";
    for (String json : List.of("null", other)) {
      assertThrows(
          UncheckedIOException.class,
          () -> SessionRecordCodec.decode("session.status_running", false, bytes(json)),
          json);
    }
    assertThrows(
        UncheckedIOException.class,
        () -> SessionRecordCodec.decode(SessionRecord.CREATED, false, bytes("null")));
  }

  private static SessionRecord again(SessionRecord record) {
    return SessionRecordCodec.decode(
        SessionRecordCodec.type(record), false, SessionRecordCodec.json(record));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
