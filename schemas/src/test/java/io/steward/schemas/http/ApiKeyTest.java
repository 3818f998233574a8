package io.steward.schemas.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ApiKeyTest {
  private final ApiKey key = new ApiKey("secret");

  @Test
  void either_header_admits() {
    assertTrue(key.admits("secret", null));
    assertTrue(key.admits(null, "Bearer secret"));
    assertTrue(key.admits("wrong", "bearer secret"));
  }

  @Test
  void anything_else_does_not() {
    assertFalse(key.admits(null, null));
    assertFalse(key.admits("", "Basic secret"));
    assertFalse(key.admits("secret ", "secret"));
  }

  @Test
  void it_never_prints() {
    assertEquals("***", key.toString());
  }
}
