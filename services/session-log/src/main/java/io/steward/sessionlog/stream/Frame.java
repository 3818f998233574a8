package io.steward.sessionlog.stream;

import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.json.Json;
import io.steward.schemas.preview.PreviewFrame;
import io.steward.schemas.record.SessionRecordCodec;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// One server-sent event, as bytes. Source: contract/events.md §3.1.
///
/// @param event what it shows, or null for a ping or a preview
record Frame(Buffer bytes, @Nullable SessionEvent event) {
  private static final String PING_JSON = "{\"type\":\"ping\"}";

  /// Says that the stream is alive.
  static final Frame PING = new Frame(bytes("ping", null, PING_JSON), null);

  /// The first frame of a stream, which says where it begins: a reader that is cut off before the
  /// first event can go on there.
  static Frame begin(StreamPosition at) {
    return new Frame(bytes("ping", at, PING_JSON), null);
  }

  /// @param lastEventAt the latest `processed_at` of the events before it
  /// @param behind where the log goes on behind it
  static Frame of(SessionEvent event, Instant lastEventAt, StreamPosition behind) {
    return new Frame(
        bytes(event.type(), behind, text(SessionRecordCodec.eventJson(event, lastEventAt))), event);
  }

  /// A preview is not in the log, so it has no place there.
  static Frame of(PreviewFrame preview) {
    String type =
        switch (preview) {
          case PreviewFrame.EventStart _ -> "event_start";
          case PreviewFrame.EventDelta _ -> "event_delta";
        };
    return new Frame(bytes(type, null, text(Json.bytes(preview))), null);
  }

  /// Whether the stream ends behind it.
  boolean last() {
    return event instanceof SessionEvent.SessionDeleted
        || event instanceof SessionEvent.SessionStatusTerminated;
  }

  private static String text(byte[] json) {
    return new String(json, StandardCharsets.UTF_8);
  }

  private static Buffer bytes(String type, @Nullable StreamPosition at, String json) {
    String id = at == null ? "" : "id: " + at.text() + "\n";
    return Buffer.buffer("event: " + type + "\n" + id + "data: " + json + "\n\n");
  }
}
