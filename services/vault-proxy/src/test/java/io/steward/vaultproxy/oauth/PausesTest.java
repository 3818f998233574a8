package io.steward.vaultproxy.oauth;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.vaultproxy.stage.TokenStage;
import io.steward.vaultproxy.vault.SecretValue;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class PausesTest {
  private static final SecretValue TOKEN = new SecretValue("t");

  private final AtomicReference<Instant> now = new AtomicReference<>(TokenStage.START);
  private final Pauses pauses = new Pauses(now::get);

  @Test
  void a_pause_is_for_one_token_and_ends() {
    pauses.add("vcrd_1", TOKEN, Duration.ofSeconds(5));

    assertTrue(pauses.holds("vcrd_1", TOKEN));
    assertFalse(pauses.holds("vcrd_1", new SecretValue("u")));
    assertFalse(pauses.holds("vcrd_2", TOKEN));
    now.set(TokenStage.START.plusSeconds(5));
    assertFalse(pauses.holds("vcrd_1", TOKEN));
  }

  @Test
  void beyond_the_limit_the_oldest_is_forgotten() {
    for (int i = 0; i <= Pauses.CREDENTIALS_MAX; i++) {
      pauses.add("vcrd_" + i, TOKEN, Duration.ofSeconds(5));
    }

    assertFalse(pauses.holds("vcrd_0", TOKEN));
    assertTrue(pauses.holds("vcrd_1", TOKEN));
    assertTrue(pauses.holds("vcrd_" + Pauses.CREDENTIALS_MAX, TOKEN));
  }
}
