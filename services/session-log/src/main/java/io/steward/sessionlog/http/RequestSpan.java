package io.steward.sessionlog.http;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.steward.schemas.trace.SpanKeys;
import io.steward.schemas.trace.TraceContext;
import io.steward.schemas.trace.Tracing;
import io.vertx.core.http.HttpServerRequest;
import java.util.Map;
import java.util.function.Supplier;

/// The span of a request that was let in, a child of the client's if the client says so. It ends
/// with the answer, that of a stream when it opens. Safe from any thread.
final class RequestSpan {
  /// Of a request nobody was let in with.
  static final RequestSpan NONE = new RequestSpan(Span.getInvalid());

  private static final int SERVER_ERRORS = 500;

  private final Span span;

  private RequestSpan(Span span) {
    this.span = span;
  }

  static RequestSpan begin(
      Tracing tracing,
      HttpServerRequest request,
      Route route,
      Map<String, String> segments,
      String requestId) {
    Context client =
        TraceContext.of(
                request.getHeader(TraceContext.TRACEPARENT_HEADER),
                request.getHeader(TraceContext.TRACESTATE_HEADER))
            .map(TraceContext::under)
            .orElseGet(Context::root);
    String path = "/" + String.join("/", route.template());
    SpanBuilder builder =
        tracing
            .tracer()
            .spanBuilder(route.method() + " " + path)
            .setSpanKind(SpanKind.SERVER)
            .setParent(client)
            .setAttribute(SpanKeys.METHOD, route.method())
            .setAttribute(SpanKeys.ROUTE, path)
            .setAttribute(SpanKeys.REQUEST_ID, requestId);
    String session = segments.get("session_id");
    if (session != null) {
      builder.setAttribute(SpanKeys.CONVERSATION, session);
    }
    return new RequestSpan(builder.startSpan());
  }

  /// Answers as part of the request.
  Reply within(Supplier<Reply> handler) {
    try (Scope _ = span.makeCurrent()) {
      return handler.get();
    }
  }

  void answered(int status) {
    span.setAttribute(SpanKeys.STATUS, status);
    if (status >= SERVER_ERRORS) {
      span.setAttribute(SpanKeys.ERROR_TYPE, Integer.toString(status));
      span.setStatus(StatusCode.ERROR);
    }
    span.end();
  }
}
