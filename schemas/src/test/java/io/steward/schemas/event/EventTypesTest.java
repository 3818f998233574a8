package io.steward.schemas.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class EventTypesTest {
  @Test
  void lists_can_be_filtered_by_the_41_persisted_types_of_the_contract() {
    assertEquals(41, EventTypes.LISTABLE.size());
    assertFalse(EventTypes.LISTABLE.contains("session.deleted"));
  }

  @Test
  void everything_steward_writes_can_be_listed_but_the_last_event() {
    TreeSet<String> known = new TreeSet<>(EventTypes.known());
    known.removeAll(EventTypes.LISTABLE);

    assertEquals("[session.deleted]", known.toString());
  }

  @Test
  void an_event_knows_its_wire_type() {
    assertEquals("agent.thinking", new SessionEvent.AgentThinking("e", Instant.EPOCH).type());
    assertTrue(EventTypes.isKnown("agent.thinking"));
    assertFalse(EventTypes.isKnown("agent.dreamed"));
  }
}
