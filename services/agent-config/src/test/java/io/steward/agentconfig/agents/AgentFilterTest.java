package io.steward.agentconfig.agents;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.steward.agentconfig.http.Cursor;
import io.steward.schemas.http.ApiException;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AgentFilterTest {
  private static final Instant NOON = Instant.parse("2026-11-20T12:00:00Z");

  @Test
  void the_bounds_include_their_own_moment() {
    Cursor atNoon = new Cursor(AgentFilter.LIST, NOON, "agent_1");

    AgentFilter filter = AgentFilter.of(NOON, NOON, false, atNoon, 20);

    assertEquals(atNoon, filter.after());
  }

  @Test
  void a_cursor_outside_of_the_filter_is_refused() {
    Cursor atNoon = new Cursor(AgentFilter.LIST, NOON, "agent_1");

    assertThrows(
        ApiException.class, () -> AgentFilter.of(NOON.plusMillis(1), null, false, atNoon, 20));
    assertThrows(
        ApiException.class, () -> AgentFilter.of(null, NOON.minusMillis(1), false, atNoon, 20));
  }

  @Test
  void a_page_of_versions_ends_at_a_version_of_that_agent() {
    Cursor cursor = new Cursor("versions", NOON, "agent_1/7");

    assertEquals(7, VersionCursor.version(cursor, "agent_1"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"agent_2/7", "agent_1/x", "agent_1", "agent_1/"})
  void another_agents_cursor_is_refused(String id) {
    Cursor cursor = new Cursor("versions", NOON, id);

    assertThrows(ApiException.class, () -> VersionCursor.version(cursor, "agent_1"));
  }
}
