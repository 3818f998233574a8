package io.steward.vaultproxy.transport;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Finds the events in a stream of server-sent events, part by part. Source: the HTML standard,
/// §9.2.6.
final class SseEvents {
  private static final String MESSAGE = "message";

  private final int eventBytesMax;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private final ByteArrayOutputStream data = new ByteArrayOutputStream();
  private String name = MESSAGE;
  private boolean hasData;
  private boolean afterReturn;

  /// @param name `message` when the stream names none
  @SuppressWarnings("ArrayRecordComponent") // Read once, never compared.
  record Event(String name, byte[] data) {
    boolean isMessage() {
      return name.equals(MESSAGE) && data.length > 0;
    }
  }

  SseEvents(int eventBytesMax) {
    this.eventBytesMax = eventBytesMax;
  }

  /// The events that end in `part`.
  List<Event> feed(byte[] part) throws ServerFailure {
    List<Event> events = new ArrayList<>();
    for (byte b : part) {
      boolean second = afterReturn && b == '\n';
      afterReturn = b == '\r';
      if (second) {
        continue;
      }
      if (b == '\n' || b == '\r') {
        endLine(events);
      } else {
        line.write(b);
        requireSmall();
      }
    }
    return events;
  }

  private void requireSmall() throws ServerFailure {
    if (line.size() + data.size() > eventBytesMax) {
      throw new ServerFailure(
          ServerFailure.Reason.TOO_LARGE,
          "The answer of the MCP server is larger than the limit of " + eventBytesMax + " bytes.");
    }
  }

  private void endLine(List<Event> events) {
    if (line.size() == 0) {
      if (hasData) {
        events.add(new Event(name, data.toByteArray()));
      }
      data.reset();
      hasData = false;
      name = MESSAGE;
      return;
    }
    byte[] bytes = line.toByteArray();
    line.reset();
    int colon = 0;
    while (colon < bytes.length && bytes[colon] != ':') {
      colon++;
    }
    String field = new String(bytes, 0, colon, StandardCharsets.UTF_8);
    int from = Math.min(bytes.length, colon + 1);
    from += from < bytes.length && bytes[from] == ' ' ? 1 : 0;
    if (field.equals("data")) {
      if (hasData) {
        data.write('\n');
      }
      data.write(bytes, from, bytes.length - from);
      hasData = true;
    } else if (field.equals("event")) {
      String value = new String(bytes, from, bytes.length - from, StandardCharsets.UTF_8);
      name = value.isEmpty() ? MESSAGE : value;
    }
  }
}
