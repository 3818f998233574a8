package io.steward.schemas.kafka;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.steward.schemas.trace.SpanKeys;
import io.steward.schemas.trace.TraceContext;
import io.steward.schemas.trace.Tracing;

/// Spans of what is done about a record.
public final class ProcessSpans {
  private ProcessSpans() {}

  /// Begins the span of a command about a session, as a child of what it was sent for.
  ///
  /// @param partition it came from
  public static Span begin(Tracing tracing, String topic, int partition, Envelope envelope) {
    return tracing
        .tracer()
        .spanBuilder("process " + topic)
        .setSpanKind(SpanKind.CONSUMER)
        .setParent(TraceContext.under(envelope.trace()))
        .setAttribute(SpanKeys.MESSAGING_SYSTEM, "kafka")
        .setAttribute(SpanKeys.MESSAGING_OPERATION, "process")
        .setAttribute(SpanKeys.MESSAGING_TYPE, "process")
        .setAttribute(SpanKeys.DESTINATION, topic)
        .setAttribute(SpanKeys.DESTINATION_PARTITION, Integer.toString(partition))
        .setAttribute(SpanKeys.CONVERSATION, envelope.subject())
        .setAttribute(SpanKeys.WORKSPACE, envelope.workspaceId())
        .startSpan();
  }
}
