package io.steward.agentconfig.environments;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class KeyTextTest {
  @Test
  void a_key_is_a_prefix_and_256_random_bits_and_is_not_printed() {
    KeyText key = KeyText.random();

    assertTrue(key.value().matches("sk-ant-env01-[A-Za-z0-9_-]{43}"), key.value());
    assertNotEquals(key.value(), KeyText.random().value());
    assertEquals("***", key.toString());
  }

  @Test
  void the_hash_is_of_the_whole_key() {
    assertEquals(
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        new KeyText("abc").sha256());
  }
}
