package io.steward.harness.model;

import io.steward.harness.decide.ModelFailure;
import io.steward.harness.decide.ModelFailure.Kind;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// An error a model provider answered with.
///
/// @param status HTTP status; 200 when the error came inside a stream
/// @param type `error.type` of its body, empty when there is none
/// @param message `error.message` of its body, empty when there is none
/// @param retryAfter the header, or null
record ProviderError(int status, String type, String message, @Nullable String retryAfter) {
  private static final int OVERLOADED = 529;
  private static final int SERVER_ERROR = 500;

  ModelFailure classify() {
    return new ModelFailure(kind(), text(), wait(retryAfter));
  }

  private Kind kind() {
    if (isBilling()) {
      return Kind.BILLING;
    }
    return switch (type) {
      case "overloaded_error" -> Kind.OVERLOADED;
      case "rate_limit_error" -> Kind.RATE_LIMITED;
      case "api_error", "timeout_error" -> Kind.UNAVAILABLE;
      default -> ofStatus();
    };
  }

  private Kind ofStatus() {
    return switch (status) {
      case OVERLOADED -> Kind.OVERLOADED;
      case 429 -> Kind.RATE_LIMITED;
      case 408, 409 -> Kind.UNAVAILABLE;
      default -> status >= SERVER_ERROR ? Kind.UNAVAILABLE : Kind.REFUSED;
    };
  }

  private boolean isBilling() {
    return type.equals("billing_error")
        || status == 402
        || message.toLowerCase(Locale.ROOT).contains("credit balance");
  }

  private String text() {
    String code = type.isEmpty() ? Integer.toString(status) : status + " " + type;
    return switch (kind()) {
      case OVERLOADED -> "The model is overloaded.";
      case RATE_LIMITED -> "The model provider limits the rate of requests.";
      case BILLING -> "The model provider refused the request for billing reasons.";
      case UNAVAILABLE -> "The model request failed (" + code + ").";
      case REFUSED ->
          switch (status) {
            case 401, 403 ->
                "The model provider did not accept the server's credentials ("
                    + code
                    + "). The operator must correct the model key.";
            case 404 -> "The model provider does not know the model (" + code + ").";
            case 413 -> "The conversation is too large for the model provider (" + code + ").";
            default -> "The model provider refused the request (" + code + ").";
          };
    };
  }

  private static @Nullable Duration wait(@Nullable String seconds) {
    try {
      return seconds == null
          ? null
          : Duration.ofMillis(Math.max(0, Math.round(Double.parseDouble(seconds.strip()) * 1000)));
    } catch (NumberFormatException _) {
      return null; // A date; the ordinary back-off does.
    }
  }
}
