package io.steward.schemas.vault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.steward.schemas.vault.CredentialUse.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AuditRetentionTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678Z");

  @Test
  void days_hours_and_for_ever_are_durations_of_the_table_and_of_the_topic() {
    assertEquals(AuditRetention.USUAL, AuditRetention.parse("400d"));
    assertEquals(new AuditRetention(Duration.ofHours(72)), AuditRetention.parse(" 72h "));
    assertEquals(259_200_000L, AuditRetention.parse("72h").retentionMs());
    assertEquals(
        Optional.of(NOW.minus(Duration.ofDays(3))), AuditRetention.parse("72h").cutoff(NOW));

    AuditRetention forEver = AuditRetention.parse("forever");

    assertEquals(-1L, forEver.retentionMs());
    assertEquals(Optional.empty(), forEver.cutoff(NOW));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0d", "-1d", "400", "1.5d", "100000d", "P400D", "400 d", "always"})
  void anything_else_is_refused_by_the_name_of_the_setting(String text) {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> AuditRetention.parse(text));

    assertEquals(
        "STEWARD_VAULT_AUDIT_RETENTION is \""
            + text
            + "\"; it must be a number of days or hours from 1 to 99999, such as 400d or 72h, or"
            + " forever.",
        refused.getMessage());
  }

  @ParameterizedTest
  @CsvSource({"200,ANSWERED", "404,ANSWERED", "500,ANSWERED", "401,REFUSED", "403,REFUSED"})
  void a_status_says_whether_a_credential_was_refused(int status, Outcome outcome) {
    assertEquals(outcome, Outcome.of(status));
    assertEquals(Outcome.FAILED, Outcome.of(null));
  }
}
