package io.steward.schemas.id;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class IdsTest {
  private static final String FORM = "agent_01[1-9A-HJ-NP-Za-km-z]{22}";

  @Test
  void an_id_is_its_prefix_and_22_characters_that_are_easy_to_tell_apart() {
    assertTrue(Ids.random("agent_").matches(FORM));
    assertTrue(Ids.derived("agent_", "seed").matches(FORM));
  }

  @Test
  void random_ids_differ() {
    Set<String> ids = new HashSet<>();
    for (int i = 0; i < 1000; i++) {
      ids.add(Ids.random("agent_"));
    }
    assertEquals(1000, ids.size());
  }

  @Test
  void a_derived_id_belongs_to_its_seed_for_ever() {
    assertEquals("sevt_01Vva53UzX3hxQ2Bi9sYn7Mh", Ids.derived("sevt_", "answer/sevt_1"));
    assertNotEquals(Ids.derived("sevt_", "a"), Ids.derived("sevt_", "b"));
  }
}
