package io.steward.vaultproxy.proxy;

import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.steward.schemas.trace.SpanKeys;
import io.steward.schemas.trace.TraceContext;
import io.steward.schemas.trace.Tracing;
import io.steward.vaultproxy.policy.Endpoint;
import io.steward.vaultproxy.policy.Refusal;
import io.steward.vaultproxy.policy.SandboxIdentity;
import org.jspecify.annotations.Nullable;

/// Spans of what leaves a sandbox, as part of the call that runs in it. A connection that does not
/// say which call that is has none. Where a request goes is in them, its path and query are not:
/// they may hold what nobody else should read.
final class ProxySpans {
  private static final AttributeKey<TraceContext> CALL = AttributeKey.valueOf("steward.call");

  private final Tracing tracing;

  ProxySpans(Tracing tracing) {
    this.tracing = tracing;
  }

  /// The connection is part of a call.
  static void note(Channel connection, @Nullable TraceContext call) {
    if (call != null) {
      connection.attr(CALL).set(call);
    }
  }

  /// The span of a request, or one that records nothing.
  ///
  /// @param client the connection, or a stream of it
  Span begin(Channel client, String method, Endpoint endpoint, SandboxIdentity sandbox) {
    TraceContext call = callOf(client);
    if (call == null) {
      return Span.getInvalid();
    }
    return tracing
        .tracer()
        .spanBuilder(method)
        .setSpanKind(SpanKind.CLIENT)
        .setParent(TraceContext.under(call))
        .setAttribute(SpanKeys.METHOD, method)
        .setAttribute(SpanKeys.SERVER_ADDRESS, endpoint.host().text())
        .setAttribute(SpanKeys.SERVER_PORT, (long) endpoint.port())
        .setAttribute(SpanKeys.CONVERSATION, sandbox.sessionId().value())
        .startSpan();
  }

  /// Something was not let out, or did not come back.
  void refused(Channel client, int status, Refusal refusal) {
    TraceContext call = callOf(client);
    if (call != null) {
      tracing
          .tracer()
          .spanBuilder("refuse")
          .setParent(TraceContext.under(call))
          .setAttribute(SpanKeys.STATUS, (long) status)
          .setAttribute(SpanKeys.ERROR_TYPE, refusal.reason().tag())
          .startSpan()
          .setStatus(StatusCode.ERROR)
          .end();
    }
  }

  private static @Nullable TraceContext callOf(Channel client) {
    TraceContext own = client.attr(CALL).get();
    return own == null && client.parent() != null ? client.parent().attr(CALL).get() : own;
  }
}
