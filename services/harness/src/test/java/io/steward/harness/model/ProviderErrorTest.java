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
    "413, request_too_large, REFUSED",
    "402, billing_error, BILLING"
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
