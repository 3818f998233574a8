package io.steward.devbox.proxy;

import io.steward.devbox.settings.Secret;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiKey;
import io.steward.schemas.json.Json;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;

/// The answers this process gives itself: errors, in the envelope of the API.
final class Answers {
  private final ApiKey key;

  Answers(Secret key) {
    this.key = new ApiKey(key.value());
  }

  /// Whether the request carries the key.
  boolean admits(HttpServerRequest request) {
    return key.admits(request.getHeader("x-api-key"), request.getHeader("authorization"));
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
