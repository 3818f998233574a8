package io.steward.harness.model;

import io.steward.harness.decide.ModelFailure;
import io.steward.harness.decide.ModelFailure.Kind;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// An error a model provider answered with.
///
/// @param status HTTP status; 200 when the error came inside a stream
/// @param type `error.type` of its body, or the more exact `error.code` where there is one; empty
///   when there is none
/// @param message `error.message` of its body, empty when there is none
/// @param retryAfter seconds, as the header says, or null
public record ProviderError(int status, String type, String message, @Nullable String retryAfter) {
  private static final int OVERLOADED = 529;
  private static final int SERVER_ERROR = 500;

  /// The request has too many bytes, whatever the provider counts.
  private static final int TOO_LARGE = 413;

  /// How providers say that a conversation is longer than the model reads: the Messages API, its
  /// variants of the clouds, OpenAI, vLLM, llama.cpp, gateways.
  private static final Pattern TOO_LONG =
      Pattern.compile(
          "(prompt|input|conversation) is too long"
              + "|exceed\\w*( \\S+){0,4} context"
              + "|context (length|window|limit|size)( \\S+){0,4} exceed"
              + "|(maximum|model's) context length"
              + "|context_length_exceeded"
              + "|exceed_context_size"
              + "|request_too_large");

  /// What may be said of a type to a client: it is the provider's text.
  private static final Pattern TYPE = Pattern.compile("\\w{0,60}");

  public ProviderError {
    type = TYPE.matcher(type).matches() ? type : "";
  }

  public ModelFailure classify() {
    return new ModelFailure(kind(), text(), wait(retryAfter));
  }

  private Kind kind() {
    if (isBilling()) {
      return Kind.BILLING;
    }
    if (isTooLong()) {
      return Kind.CONTEXT_EXCEEDED;
    }
    return switch (type) {
      case "overloaded_error" -> Kind.OVERLOADED;
      case "rate_limit_error", "rate_limit_exceeded" -> Kind.RATE_LIMITED;
      case "api_error", "timeout_error", "server_error" -> Kind.UNAVAILABLE;
      default -> ofStatus();
    };
  }

  private Kind ofStatus() {
    return switch (status) {
      case OVERLOADED, 503 -> Kind.OVERLOADED;
      case 429 -> Kind.RATE_LIMITED;
      case 408, 409 -> Kind.UNAVAILABLE;
      default -> status >= SERVER_ERROR ? Kind.UNAVAILABLE : Kind.REFUSED;
    };
  }

  private boolean isBilling() {
    return type.equals("billing_error")
        || type.equals("insufficient_quota")
        || type.startsWith("billing_")
        || status == 402
        || message.toLowerCase(Locale.ROOT).contains("credit balance");
  }

  private boolean isTooLong() {
    return switch (status) {
      case TOO_LARGE -> true;
      case 200, 400, 422 ->
          TOO_LONG.matcher((type + " " + message).toLowerCase(Locale.ROOT)).find();
      case SERVER_ERROR -> type.startsWith("exceed_context_size");
      default -> false;
    };
  }

  private String text() {
    String code = type.isEmpty() ? Integer.toString(status) : status + " " + type;
    return switch (kind()) {
      case OVERLOADED -> "The model is overloaded.";
      case RATE_LIMITED -> "The model provider limits the rate of requests.";
      case BILLING -> "The model provider refused the request for billing reasons.";
      case UNAVAILABLE -> "The model request failed (" + code + ").";
      case CONTEXT_EXCEEDED ->
          status == TOO_LARGE
              ? "The conversation is too large for the model provider (" + code + ")."
              : "The conversation does not fit the model's context window.";
      case REFUSED ->
          switch (status) {
            case 401, 403 ->
                "The model provider did not accept the server's credentials ("
                    + code
                    + "). The operator must correct the model key.";
            case 404 -> "The model provider does not know the model (" + code + ").";
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
