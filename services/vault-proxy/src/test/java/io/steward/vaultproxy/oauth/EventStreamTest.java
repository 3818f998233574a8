package io.steward.vaultproxy.oauth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.vaultproxy.oauth.EventStream.Event;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventStreamTest {
  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\n", "\r\n", "\r"})
  void events_are_found_however_lines_end_and_parts_fall(String end) {
    String text =
        String.join(
                end, ": hi", "id: 7", "data", "", "event:a", "data: ü", "data:  2", "", "data:3")
            + end;
    List<Event> seen = new ArrayList<>();
    EventStream events = new EventStream(event -> !seen.add(event));

    for (byte b : bytes(text)) {
      assertFalse(events.satisfied(new byte[] {b}));
    }

    assertEquals(List.of(new Event("message", ""), new Event("a", "ü\n 2")), seen);
    assertEquals(Optional.empty(), events.found());
  }

  @Test
  void nothing_after_the_wanted_event_is_looked_at() {
    EventStream events = new EventStream(event -> event.data().equals("2"));

    assertFalse(events.satisfied(bytes("data: 1\n\ndata: 2\n")));
    assertTrue(events.satisfied(bytes("\ndata: 2 and more\n\n")));
    assertTrue(events.satisfied(bytes("data: 3\n\n")));
    assertEquals(Optional.of(new Event("message", "2")), events.found());
  }
}
