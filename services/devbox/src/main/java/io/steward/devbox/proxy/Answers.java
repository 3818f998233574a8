package io.steward.devbox.proxy;

import io.steward.devbox.settings.Secret;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.json.Json;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// The answers this process gives itself: errors, in the envelope of the API.
final class Answers {
  private static final String BEARER = "bearer ";

  private final byte[] key;

  Answers(Secret key) {
    this.key = key.value().getBytes(StandardCharsets.UTF_8);
  }

  /// Whether the request carries the key. Compared in constant time.
  boolean admits(HttpServerRequest request) {
    String authorization = request.getHeader("authorization");
    boolean bearer =
        authorization != null
            && authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())
            && matches(authorization.substring(BEARER.length()).strip());
    return bearer || matches(request.getHeader("x-api-key"));
  }

  private boolean matches(@Nullable String candidate) {
    return candidate != null
        && MessageDigest.isEqual(key, candidate.getBytes(StandardCharsets.UTF_8));
  }

  /// Answers with `error` and lets the client finish its body, unless an answer has begun.
  Future<Void> refuse(HttpServerRequest request, ApiError error, String requestId) {
    HttpServerResponse response = request.response();
    if (response.headWritten() || response.closed()) {
      return Future.succeededFuture();
    }
    response.setStatusCode(error.status());
    response.putHeader("content-type", "application/json");
    response.putHeader("request-id", requestId);
    Duration retryAfter = error.retryAfter();
    if (retryAfter != null) {
      response.putHeader("retry-after", Long.toString(retryAfter.toSeconds()));
    }
    Future<Void> end = response.end(Buffer.buffer(Json.bytes(error.envelope(requestId))));
    if (!request.isEnded()) {
      request.resume();
    }
    return end;
  }
}
