package io.steward.sandbox.call;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.steward.sandbox.tool.ToolAnswer;
import io.steward.schemas.sandbox.ToolResult;
import io.steward.schemas.trace.SpanKeys;
import java.util.Locale;

/// What the span of a call, the current one of its thread, is told while the call is performed.
final class CallSpan {
  private CallSpan() {}

  /// @param cold whether the sandbox was made for this call
  static void placed(boolean cold) {
    Span.current().setAttribute(SpanKeys.SANDBOX_COLD, cold).addEvent("sandbox_ready");
  }

  static void started() {
    Span.current().addEvent("started");
  }

  static void ended() {
    Span.current().addEvent("ended");
  }

  /// The call has its answer. What a tool says of itself is no failure of ours.
  static void answered(ToolAnswer answer) {
    Span span = Span.current();
    String outcome = answer.outcome().name().toLowerCase(Locale.ROOT);
    span.setAttribute(SpanKeys.OUTCOME, outcome);
    if (answer.outcome() != ToolResult.Outcome.COMPLETED) {
      span.setAttribute(SpanKeys.ERROR_TYPE, outcome);
      span.setStatus(StatusCode.ERROR);
    }
  }
}
