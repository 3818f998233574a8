package io.steward.schemas.trace;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.sdk.trace.IdGenerator;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// Ids of spans that more than one process knows. A span that a crash cut off is begun again under
/// the ids its children already name.
public final class ChosenIds implements IdGenerator {
  private static final int SPAN_ID_BYTES = 8;
  private static final IdGenerator RANDOM = IdGenerator.random();

  // Between a choice and the start of its span nothing else runs on the thread.
  private static final ThreadLocal<@Nullable Chosen> CHOSEN = new ThreadLocal<>();

  private record Chosen(@Nullable String traceId, String spanId) {}

  /// Starts a span of something that has an id in the log, such as a tool call: whoever knows that
  /// id knows the span's. Without an SDK it has none, and that of its parent counts.
  public static Span start(SpanBuilder builder, String logId) {
    return start(builder, new Chosen(null, spanId(logId)));
  }

  /// Starts a span again that somebody else had started.
  public static Span startAgain(SpanBuilder builder, TraceContext context) {
    SpanContext span = context.span();
    return start(builder, new Chosen(span.getTraceId(), span.getSpanId()));
  }

  private static Span start(SpanBuilder builder, Chosen chosen) {
    CHOSEN.set(chosen);
    try {
      return builder.startSpan();
    } finally {
      CHOSEN.remove();
    }
  }

  private static String spanId(String logId) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(logId.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, SPAN_ID_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public String generateSpanId() {
    Chosen chosen = CHOSEN.get();
    return chosen == null ? RANDOM.generateSpanId() : chosen.spanId;
  }

  @Override
  public String generateTraceId() {
    Chosen chosen = CHOSEN.get();
    return chosen == null || chosen.traceId == null ? RANDOM.generateTraceId() : chosen.traceId;
  }
}
