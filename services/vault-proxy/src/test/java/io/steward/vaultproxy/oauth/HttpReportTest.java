package io.steward.vaultproxy.oauth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.vaultproxy.outbound.Answer;
import io.steward.vaultproxy.vault.SecretValue;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HttpReportTest {
  private static final String SECRET = "s3cret \"+/é\\";

  private static HttpReport report(String body, boolean whole) {
    return HttpReport.of(
        new Answer.Response(
            new Answer.Head(400, Map.of("content-type", "text/plain; x=" + SECRET)),
            new Answer.Body(body.getBytes(StandardCharsets.UTF_8), whole)),
        Scrubber.of(List.of(new SecretValue(SECRET), new SecretValue(""))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "it is s3cret \"+/é\\, is it | it is ***, is it",
        "{\"a\":\"s3cret \\\"+/é\\\\\"} | {\"a\":\"***\"}",
        "a=s3cret+%22%2B%2F%C3%A9%5C&b=1 | a=***&b=1",
        "a=s3cret%20%22%2B%2F%C3%A9%5C | a=***",
        "{\"access_token\": \"other\",\"x\":1} | {\"access_token\": \"***\",\"x\":1}",
        "{\"refresh_token\":\"unended | {\"refresh_token\":\"***",
        "client_secret=other&id_token=other | client_secret=***&id_token=***",
        "{\"access_token\":7} | {\"access_token\":7}",
      })
  void secrets_are_hidden_in_every_spelling(String body, String shown) {
    HttpReport report = report(body, true);

    assertEquals(shown, report.body());
    assertEquals("text/plain; x=***", report.contentType());
    assertFalse(report.bodyTruncated());
  }

  @Test
  void a_secret_in_base64_is_hidden() {
    byte[] bytes = SECRET.getBytes(StandardCharsets.UTF_8);

    assertEquals(
        "*** ***",
        report(
                Base64.getEncoder().withoutPadding().encodeToString(bytes)
                    + " "
                    + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes),
                true)
            .body());
  }

  @Test
  void a_long_body_is_cut_but_never_within_a_character() {
    String body = "x".repeat(HttpReport.BODY_CHARS_MAX - 1) + "\uD83D\uDE00";

    HttpReport report = report(body, true);

    assertEquals(HttpReport.BODY_CHARS_MAX - 1, report.body().length());
    assertTrue(report.bodyTruncated());
  }

  @Test
  void half_of_a_secret_where_a_body_was_cut_off_is_hidden() {
    HttpReport report = report("it is " + SECRET.substring(0, 6), false);

    assertTrue("it is ".startsWith(report.body()), report.body());
    assertTrue(report.bodyTruncated());
  }
}
