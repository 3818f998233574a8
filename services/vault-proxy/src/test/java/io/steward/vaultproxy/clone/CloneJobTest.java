package io.steward.vaultproxy.clone;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CloneJobTest {
  @ParameterizedTest
  @ValueSource(strings = {"ghp_canary", "ghp_canary1", "ghp_canary12"})
  void a_failure_shows_the_token_neither_in_clear_nor_as_it_goes_to_the_host(String token) {
    String sent =
        Base64.getEncoder()
            .encodeToString(("x-access-token:" + token).getBytes(StandardCharsets.UTF_8));

    assertEquals(
        "Basic *** or *** or ***",
        job(token).withoutToken("Basic " + sent + " or " + sent.replace("=", "") + " or " + token));
  }

  @Test
  void a_job_without_a_token_changes_no_text() {
    CloneJob open =
        new CloneJob(
            "https://h/a",
            null,
            new CloneJob.Target.DefaultBranch(),
            null,
            Path.of("d"),
            new CloneJob.Limits(1, 1, 1));

    assertEquals("text", open.withoutToken("text"));
    assertEquals("text", job("").withoutToken("text"));
  }

  private static CloneJob job(String token) {
    return new CloneJob(
        "https://h/a",
        token.getBytes(StandardCharsets.UTF_8),
        new CloneJob.Target.DefaultBranch(),
        null,
        Path.of("d"),
        new CloneJob.Limits(1, 1, 1));
  }
}
