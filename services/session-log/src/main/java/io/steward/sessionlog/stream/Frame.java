package io.steward.sessionlog.stream;

import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.record.SessionRecordCodec;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;

/// One server-sent event, as bytes. Source: contract/events.md §3.1.
///
/// @param last whether the stream ends behind it
record Frame(Buffer bytes, boolean last) {
  /// Says that the stream is alive.
  static final Frame PING = new Frame(bytes("ping", "{\"type\":\"ping\"}"), false);

  static Frame of(SessionEvent event) {
    boolean last =
        event instanceof SessionEvent.SessionDeleted
            || event instanceof SessionEvent.SessionStatusTerminated;
    String json = new String(SessionRecordCodec.eventJson(event), StandardCharsets.UTF_8);
    return new Frame(bytes(event.type(), json), last);
  }

  private static Buffer bytes(String type, String json) {
    return Buffer.buffer("event: " + type + "\ndata: " + json + "\n\n");
  }
}
