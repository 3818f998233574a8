package io.steward.harness.decide;

import io.steward.schemas.event.ErrorDetail;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Why a model request brought no reply.
///
/// @param message for people; names no secret and quotes no provider
/// @param retryAfter how long the provider asks to wait, or null
public record ModelFailure(Kind kind, String message, @Nullable Duration retryAfter) {

  /// What may be done about it.
  public enum Kind {
    OVERLOADED(ErrorDetail.MODEL_OVERLOADED, true),
    RATE_LIMITED(ErrorDetail.MODEL_RATE_LIMITED, true),
    /// A server error, a lost connection, a cut stream.
    UNAVAILABLE(ErrorDetail.MODEL_REQUEST_FAILED, true),
    /// The same request will never succeed.
    REFUSED(ErrorDetail.MODEL_REQUEST_FAILED, false),
    BILLING(ErrorDetail.BILLING, false),
    /// The conversation does not fit the model's context window.
    CONTEXT_EXCEEDED(ErrorDetail.MODEL_REQUEST_FAILED, false);

    private final String errorType;
    private final boolean transientError;

    Kind(String errorType, boolean transientError) {
      this.errorType = errorType;
      this.transientError = transientError;
    }

    /// The contract's error type.
    public String errorType() {
      return errorType;
    }

    /// Whether asking again may help.
    public boolean isTransient() {
      return transientError;
    }
  }

  public static ModelFailure of(Kind kind, String message) {
    return new ModelFailure(kind, message, null);
  }
}
