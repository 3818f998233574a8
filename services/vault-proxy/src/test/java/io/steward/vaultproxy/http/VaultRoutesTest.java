package io.steward.vaultproxy.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.http.ApiKey;
import org.junit.jupiter.api.Test;

class VaultRoutesTest {
  private static final ApiKey KEY = new ApiKey("sk-steward-right");

  @Test
  void the_key_is_taken_from_either_header() {
    assertTrue(KEY.admits("sk-steward-right", null));
    assertTrue(KEY.admits(null, "Bearer sk-steward-right"));
    assertTrue(KEY.admits("wrong", "bearer sk-steward-right"));
  }

  @Test
  void anything_else_is_refused() {
    assertFalse(KEY.admits(null, null));
    assertFalse(KEY.admits("", ""));
    assertFalse(KEY.admits("sk-steward-righ", "Basic sk-steward-right"));
  }

  @Test
  void the_key_comes_before_every_other_rule() {
    assertEquals(401, VaultRoutes.error(false, "99999999999").status());
  }

  @Test
  void a_body_over_the_limit_is_refused_by_its_length_alone() {
    assertEquals(413, VaultRoutes.error(true, "33554433").status());
    assertEquals(404, VaultRoutes.error(true, "33554432").status());
  }

  @Test
  void a_key_is_never_printed() {
    assertEquals("***", KEY.toString());
  }
}
