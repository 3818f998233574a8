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
  /// Says that the stream is alive.
  static final Frame PING = new Frame(bytes("ping", "{\"type\":\"ping\"}"), null);

  /// @param lastEventAt the latest `processed_at` of the events before it
  static Frame of(SessionEvent event, Instant lastEventAt) {
    return new Frame(
        bytes(event.type(), text(SessionRecordCodec.eventJson(event, lastEventAt))), event);
  }

  static Frame of(PreviewFrame preview) {
    String type =
        switch (preview) {
          case PreviewFrame.EventStart _ -> "event_start";
          case PreviewFrame.EventDelta _ -> "event_delta";
        };
    return new Frame(bytes(type, text(Json.bytes(preview))), null);
  }

  /// Whether the stream ends behind it.
  boolean last() {
    return event instanceof SessionEvent.SessionDeleted
        || event instanceof SessionEvent.SessionStatusTerminated;
  }

  private static String text(byte[] json) {
    return new String(json, StandardCharsets.UTF_8);
  }

  private static Buffer bytes(String type, String json) {
    return Buffer.buffer("event: " + type + "\ndata: " + json + "\n\n");
  }
}
