package io.steward.harness.model.anthropic;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;

import org.junit.jupiter.api.Test;

class WarmUpTest {
  @Test
  void it_needs_nobody_and_fails_silently() {
    assertDoesNotThrow(() -> new WarmUp().run());
  }
}
