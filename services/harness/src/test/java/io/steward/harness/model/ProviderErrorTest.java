package io.steward.harness.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.steward.harness.decide.ModelFailure;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProviderErrorTest {
  private static ModelFailure failure(
      int status, String type, String message, @Nullable String retryAfter) {
    return new ProviderError(status, type, message, retryAfter).classify();
  }

  @ParameterizedTest
  @CsvSource({
    "529, overloaded_error, OVERLOADED",
    "529, '', OVERLOADED",
    "200, overloaded_error, OVERLOADED",
    "429, rate_limit_error, RATE_LIMITED",
    "500, api_error, UNAVAILABLE",
    "200, api_error, UNAVAILABLE",
    "502, '', UNAVAILABLE",
    "408, '', UNAVAILABLE",
    "400, invalid_request_error, REFUSED",
    "401, authentication_error, REFUSED",
    "403, permission_error, REFUSED",
    "404, not_found_error, REFUSED",
    "413, request_too_large, CONTEXT_EXCEEDED",
    "413, '', CONTEXT_EXCEEDED",
    "413, rate_limit_exceeded, CONTEXT_EXCEEDED",
    "413, billing_error, BILLING",
    "200, request_too_large, CONTEXT_EXCEEDED",
    "402, billing_error, BILLING",
    "429, insufficient_quota, BILLING",
    "503, '', OVERLOADED",
    "429, rate_limit_exceeded, RATE_LIMITED",
    "400, context_length_exceeded, CONTEXT_EXCEEDED",
    "500, exceed_context_size_error, CONTEXT_EXCEEDED"
  })
  void errors_are_told_apart(int status, String type, ModelFailure.Kind kind) {
    assertEquals(kind, failure(status, type, "", null).kind());
  }

  @Test
  void an_empty_account_is_a_matter_of_billing() {
    ModelFailure failure =
        failure(400, "invalid_request_error", "Your credit balance is too low", null);

    assertEquals(ModelFailure.Kind.BILLING, failure.kind());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "400 | prompt is too long: 210000 tokens > 200000 maximum | CONTEXT_EXCEEDED",
        "400 | input length and `max_tokens` exceed context limit: 1 + 2 > 2 | CONTEXT_EXCEEDED",
        "400 | Input is too long for requested model. | CONTEXT_EXCEEDED",
        "400 | This model's maximum context length is 8192 tokens. | CONTEXT_EXCEEDED",
        "400 | the request exceeds the available context size | CONTEXT_EXCEEDED",
        "400 | Your input exceeds the context window of this model. | CONTEXT_EXCEEDED",
        "429 | This request would exceed your context limit per minute | RATE_LIMITED",
        "400 | max_tokens: 64000 > 32000 | REFUSED",
        "500 | prompt is too long | UNAVAILABLE"
      })
  void a_conversation_beyond_the_window_is_told_by_its_words(
      int status, String message, ModelFailure.Kind kind) {
    assertEquals(kind, failure(status, "", message, null).kind());
  }

  @Test
  void a_type_that_is_no_word_is_not_repeated() {
    assertFalse(failure(400, "bad key sk-123", "", null).message().contains("sk-123"));
  }

  @Test
  void a_wait_is_read_in_seconds() {
    assertEquals(Duration.ofMillis(1500), failure(429, "rate_limit_error", "", "1.5").retryAfter());
    assertNull(failure(429, "rate_limit_error", "", "Fri, 20 Nov").retryAfter());
  }

  @Test
  void what_the_provider_said_is_not_passed_on() {
    ModelFailure failure = failure(401, "authentication_error", "bad key sk-123", null);

    assertFalse(failure.message().contains("sk-123"));
  }
}
