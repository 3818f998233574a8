package io.steward.harness.stage;

import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.steward.schemas.trace.ChosenIds;
import io.steward.schemas.trace.TraceContext;
import io.steward.schemas.trace.Tracing;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// Keeps the spans that ended.
public final class RecordedSpans implements SpanExporter {
  private final List<SpanData> ended = new CopyOnWriteArrayList<>();

  /// Tracing into this, with an SDK of its own.
  public Tracing tracing(boolean content) {
    SdkTracerProvider provider =
        SdkTracerProvider.builder()
            .setIdGenerator(new ChosenIds())
            .addSpanProcessor(SimpleSpanProcessor.create(this))
            .build();
    return Tracing.with(OpenTelemetrySdk.builder().setTracerProvider(provider).build(), content);
  }

  public List<SpanData> all() {
    return List.copyOf(ended);
  }

  /// Spans with this name, in the order they ended.
  public List<SpanData> named(String name) {
    return ended.stream().filter(span -> span.getName().equals(name)).toList();
  }

  /// The only span with this name.
  public SpanData one(String name) {
    List<SpanData> found = named(name);
    if (found.size() != 1) {
      throw new AssertionError(found.size() + " spans are named " + name + ": " + all());
    }
    return found.getFirst();
  }

  /// As a record carries it.
  public static String traceparent(SpanContext span) {
    return TraceContext.of(span).orElseThrow().traceparent();
  }

  @Override
  public CompletableResultCode export(Collection<SpanData> spans) {
    ended.addAll(spans);
    return CompletableResultCode.ofSuccess();
  }

  @Override
  public CompletableResultCode flush() {
    return CompletableResultCode.ofSuccess();
  }

  @Override
  public CompletableResultCode shutdown() {
    return CompletableResultCode.ofSuccess();
  }
}
