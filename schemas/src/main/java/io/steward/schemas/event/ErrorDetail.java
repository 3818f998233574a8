package io.steward.schemas.event;

import com.fasterxml.jackson.annotation.JsonProperty;

/// What went wrong in a `session.error`. Source: contract/events.md §6.4.
///
/// @param type one of the contract's error types, such as `model_overloaded_error`
/// @param message for people; never carries a secret or the provider's raw answer
public record ErrorDetail(String type, String message, RetryStatus retryStatus) {
  public static final String UNKNOWN = "unknown_error";
  public static final String MODEL_OVERLOADED = "model_overloaded_error";
  public static final String MODEL_RATE_LIMITED = "model_rate_limited_error";
  public static final String MODEL_REQUEST_FAILED = "model_request_failed_error";
  public static final String BILLING = "billing_error";
  public static final String TOOL_USE_LIMIT_REACHED = "tool_use_limit_reached_error";

  /// What the server does about the error.
  public record RetryStatus(Kind type) {}

  /// See [RetryStatus].
  public enum Kind {
    /// It tries again by itself.
    @JsonProperty("retrying")
    RETRYING,
    /// This turn is dead and queued input is discarded; a new message is welcome.
    @JsonProperty("exhausted")
    EXHAUSTED,
    /// The session ends.
    @JsonProperty("terminal")
    TERMINAL
  }
}
