package io.steward.vaultproxy.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SseEventsTest {
  private static final String STREAM =
      ": a comment\n\nevent: endpoint\ndata: /a\n\ndata:one\r\ndata: two\r\n\r\nid: 1\ndata:\n\n"
          + "data: é\r\rdata: unfinished\n";

  private static List<String> read(String stream, int partBytes) throws ServerFailure {
    SseEvents events = new SseEvents(1_000);
    List<String> read = new ArrayList<>();
    byte[] bytes = stream.getBytes(StandardCharsets.UTF_8);
    for (int from = 0; from < bytes.length; from += partBytes) {
      byte[] part =
          java.util.Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + partBytes));
      for (SseEvents.Event event : events.feed(part)) {
        read.add(event.name() + "=" + new String(event.data(), StandardCharsets.UTF_8));
      }
    }
    return read;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 1_000})
  void events_are_the_same_however_the_stream_is_cut(int partBytes) throws ServerFailure {
    assertEquals(
        List.of("endpoint=/a", "message=one\ntwo", "message=", "message=é"),
        read(STREAM, partBytes));
  }

  @Test
  void an_event_without_data_is_no_message() throws ServerFailure {
    List<SseEvents.Event> events =
        new SseEvents(100).feed("data:\n\n".getBytes(StandardCharsets.UTF_8));
    assertFalse(events.getFirst().isMessage());
  }

  @Test
  void an_event_that_does_not_end_is_too_large() {
    ServerFailure failure =
        assertThrows(ServerFailure.class, () -> read("data: " + "x".repeat(2_000), 100));
    assertEquals(ServerFailure.Reason.TOO_LARGE, failure.reason());
  }
}
