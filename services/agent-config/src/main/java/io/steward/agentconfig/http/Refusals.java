package io.steward.agentconfig.http;

import io.steward.schemas.http.ApiError;
import java.util.LinkedHashMap;
import java.util.Map;

/// Refusals that come from HTTP itself, and the headers that go with any refusal.
final class Refusals {
  private static final int CONFLICT = 409;
  private static final int TOO_LARGE = 413;

  private Refusals() {}

  static ApiError tooLarge() {
    return ApiError.tooLarge(
        "The body has more than %,d bytes, which is the limit.".formatted(Bodies.BYTES_MAX));
  }

  /// What a bare HTTP status means to a client.
  static ApiError ofStatus(int status) {
    return switch (status) {
      case 404, 406 -> ApiError.notFound("There is no such route.");
      case 405 -> ApiError.methodNotAllowed("This route does not know that method.");
      case TOO_LARGE -> tooLarge();
      default ->
          status < 500
              ? ApiError.invalid("The request is malformed: HTTP status " + status + ".")
              : ApiError.internal();
    };
  }

  static Map<String, String> headers(ApiError error) {
    Map<String, String> headers = new LinkedHashMap<>();
    if (error.status() == CONFLICT) {
      headers.put("x-should-retry", "false");
    }
    if (error.status() == TOO_LARGE) {
      headers.put("connection", "close");
    }
    if (error.retryAfter() != null) {
      headers.put("retry-after", Long.toString(Math.max(1, error.retryAfter().toSeconds())));
    }
    return headers;
  }
}
