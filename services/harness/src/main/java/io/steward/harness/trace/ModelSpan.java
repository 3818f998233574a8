package io.steward.harness.trace;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.steward.harness.decide.ModelFailure;
import io.steward.harness.decide.ModelOutcome;
import io.steward.schemas.event.RequestUsage;
import io.steward.schemas.trace.SpanKeys;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;

/// The span of one model request. It ends once, whoever says so first. Safe from any thread.
public final class ModelSpan {
  private final Span span;
  private final Spans spans;
  private final AtomicBoolean ended = new AtomicBoolean();

  ModelSpan(Span span, Spans spans) {
    this.span = span;
    this.spans = spans;
  }

  /// The first of the reply is there.
  public void firstToken() {
    span.addEvent("first_token");
  }

  public void answered(ModelOutcome outcome) {
    if (ended.getAndSet(true)) {
      return;
    }
    usage(span, outcome.usage());
    switch (outcome) {
      case ModelOutcome.Replied reply -> {
        span.setAttribute(SpanKeys.FINISH_REASONS, List.of(reply.stopReason()));
        if (reply.model() != null) {
          span.setAttribute(SpanKeys.RESPONSE_MODEL, reply.model());
        }
        spans.content(span, SpanKeys.OUTPUT_MESSAGES, reply.content());
        span.end();
      }
      case ModelOutcome.Failed(ModelFailure failure, RequestUsage _) ->
          error(failure.kind().name().toLowerCase(Locale.ROOT));
    }
  }

  /// @param errorType one of a small fixed set
  void failed(String errorType) {
    if (!ended.getAndSet(true)) {
      error(errorType);
    }
  }

  private void error(String errorType) {
    span.setAttribute(SpanKeys.ERROR_TYPE, errorType);
    span.setStatus(StatusCode.ERROR);
    span.end();
  }

  static void usage(Span span, RequestUsage usage) {
    span.setAttribute(
        SpanKeys.INPUT_TOKENS,
        (long) usage.inputTokens()
            + usage.cacheCreationInputTokens()
            + usage.cacheReadInputTokens());
    span.setAttribute(SpanKeys.OUTPUT_TOKENS, usage.outputTokens());
    span.setAttribute(SpanKeys.CACHE_CREATION_TOKENS, usage.cacheCreationInputTokens());
    span.setAttribute(SpanKeys.CACHE_READ_TOKENS, usage.cacheReadInputTokens());
  }
}
