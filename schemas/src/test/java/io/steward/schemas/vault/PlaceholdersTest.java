package io.steward.schemas.vault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.id.SessionId;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PlaceholdersTest {
  private static final SessionId SESSION = SessionId.random(0);
  private static final String SALT = "7f1c2b9e4d5a48f0a1b2c3d4e5f60718";

  @Test
  void areTheSameForTheSameVariable() {
    assertEquals(Placeholders.of(SALT, SESSION, "TOKEN"), Placeholders.of(SALT, SESSION, "TOKEN"));
  }

  @Test
  void differBySaltSessionAndName() {
    String placeholder = Placeholders.of(SALT, SESSION, "TOKEN");
    assertNotEquals(placeholder, Placeholders.of(SALT + "0", SESSION, "TOKEN"));
    assertNotEquals(placeholder, Placeholders.of(SALT, SessionId.random(0), "TOKEN"));
    assertNotEquals(placeholder, Placeholders.of(SALT, SESSION, "TOKEN_2"));
  }

  @Test
  void haveTheirFormAndNoTwoAreAlike() {
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < 1000; i++) {
      String placeholder = Placeholders.of(SALT, SESSION, "NAME_" + i);
      assertTrue(Placeholders.matches(placeholder), placeholder);
      assertEquals(Placeholders.CHARS, placeholder.length());
      assertTrue(seen.add(placeholder), placeholder);
    }
  }

  @Test
  void otherTextIsNone() {
    assertFalse(Placeholders.matches("steward_placeholder_short"));
    assertFalse(Placeholders.matches("Steward_placeholder_aaaaaaaaaaaaaaaaaaaaaaaaaa"));
  }
}
