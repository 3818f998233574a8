package io.steward.agentconfig.http;

import io.steward.schemas.id.Ids;
import io.vertx.ext.web.RoutingContext;
import org.jspecify.annotations.Nullable;

/// Where a request's id is kept while it is answered.
final class RequestIds {
  private static final String KEY = "steward.request-id";

  private RequestIds() {}

  static void put(RoutingContext context, String requestId) {
    context.put(KEY, requestId);
  }

  /// The id of the request, or a fresh one when it never came through the gate.
  static String of(@Nullable RoutingContext context) {
    String requestId = context == null ? null : context.get(KEY);
    return requestId == null ? Ids.random("req_") : requestId;
  }
}
