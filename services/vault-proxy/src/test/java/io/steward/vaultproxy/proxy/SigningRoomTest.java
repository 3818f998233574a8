package io.steward.vaultproxy.proxy;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.vaultproxy.inject.Signing;
import org.junit.jupiter.api.Test;

class SigningRoomTest {
  @Test
  void a_body_that_does_not_fit_any_more_is_refused_until_another_is_given_back() {
    SigningRoom room = new SigningRoom();
    for (long taken = 0; taken < SigningRoom.BYTES_MAX; taken += Signing.BODY_BYTES_MAX) {
      assertTrue(room.take(Signing.BODY_BYTES_MAX));
    }
    assertTrue(room.take(0));
    assertFalse(room.take(1));
    assertFalse(room.take(Signing.BODY_BYTES_MAX));
    room.give(Signing.BODY_BYTES_MAX);
    assertTrue(room.take(Signing.BODY_BYTES_MAX));
  }
}
