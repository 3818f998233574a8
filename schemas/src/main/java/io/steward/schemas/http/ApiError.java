package io.steward.schemas.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// An error a client sees: HTTP status, type of the envelope, sentence, and what the client should
/// do next. Source: contract/core.md §1.5, contract/platform.md §1.8.
///
/// @param status HTTP status
/// @param type `error.type` of the envelope
/// @param message a sentence that names the field, the value and the rule
/// @param code `error.details.error_code`, or null
/// @param retryAfter sent as `retry-after` in seconds, or null
/// @param details further members of `error.details`, or null
public record ApiError(
    int status,
    String type,
    String message,
    @Nullable String code,
    @Nullable Duration retryAfter,
    @Nullable ObjectNode details) {

  private static final Duration RETRY_SOON = Duration.ofSeconds(1);

  public ApiError(
      int status,
      String type,
      String message,
      @Nullable String code,
      @Nullable Duration retryAfter) {
    this(status, type, message, code, retryAfter, null);
  }

  /// 400: the request breaks a rule.
  public static ApiError invalid(String message) {
    return new ApiError(400, "invalid_request_error", message, null, null);
  }

  /// 400 with a stable cause in `details.error_code`.
  public static ApiError invalid(String message, String code) {
    return new ApiError(400, "invalid_request_error", message, code, null);
  }

  /// 401: no credential, or a wrong one.
  public static ApiError unauthenticated(String message) {
    return new ApiError(401, "authentication_error", message, null, null);
  }

  /// 403: the credential is known and does not open this.
  public static ApiError forbidden(String message) {
    return new ApiError(403, "permission_error", message, null, null);
  }

  /// 404: nothing has that id, or there is no such route.
  public static ApiError notFound(String message) {
    return new ApiError(404, "not_found_error", message, null, null);
  }

  /// 405: the route exists, the verb does not.
  public static ApiError methodNotAllowed(String message) {
    return new ApiError(405, "invalid_request_error", message, null, null);
  }

  /// 409: a retry cannot cure it, so `x-should-retry: false` goes with it.
  public static ApiError conflict(String message) {
    return new ApiError(409, "conflict_error", message, null, null);
  }

  /// 412: something is not as the client expects it to be.
  ///
  /// @param details how it is
  public static ApiError preconditionFailed(String message, String code, ObjectNode details) {
    return new ApiError(412, "invalid_request_error", message, code, null, details);
  }

  /// 413: the body is larger than the limit.
  public static ApiError tooLarge(String message) {
    return new ApiError(413, "request_too_large", message, null, null);
  }

  /// 429: too much at once; the client may come back after `retryAfter`.
  public static ApiError rateLimited(String message, Duration retryAfter) {
    return new ApiError(429, "rate_limit_error", message, null, retryAfter);
  }

  /// 500: a bug. The message never carries the cause.
  public static ApiError internal() {
    return new ApiError(500, "api_error", "Internal server error.", null, null);
  }

  /// 503: a part that is needed does not answer now.
  public static ApiError unavailable(String message) {
    return new ApiError(503, "api_error", message, null, RETRY_SOON);
  }

  /// The envelope as it goes over the wire.
  public ObjectNode envelope(@Nullable String requestId) {
    ObjectNode envelope = JsonNodeFactory.instance.objectNode();
    envelope.put("type", "error");
    ObjectNode error = envelope.putObject("error");
    error.put("type", type).put("message", message);
    if (code != null) {
      error.putObject("details").put("error_code", code);
    }
    if (details != null) {
      error.withObjectProperty("details").setAll(details);
    }
    envelope.put("request_id", requestId);
    return envelope;
  }
}
