package io.steward.schemas.trace;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Which span something belongs to, as requests and records carry it. Source:
/// <https://www.w3.org/TR/trace-context/>.
///
/// @param traceparent version, trace id, span id and flags, in lower-case hexadecimal
/// @param tracestate what tracing systems add for themselves, or null
public record TraceContext(
    String traceparent, @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String tracestate) {
  /// A longer `tracestate` is dropped, which the specification allows.
  public static final int TRACESTATE_CHARS_MAX = 512;

  /// The name of the header with the span.
  public static final String TRACEPARENT_HEADER = "traceparent";

  /// The name of the header beside it.
  public static final String TRACESTATE_HEADER = "tracestate";

  private static final Pattern TRACEPARENT =
      Pattern.compile("00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");
  private static final Pattern TRACESTATE = Pattern.compile("[ -~]{1,512}");
  private static final TextMapGetter<TraceContext> HEADERS = new Headers();

  /// What two headers say; empty when the first of them is missing or malformed, as whoever sent
  /// them is not trusted to know the form.
  public static Optional<TraceContext> of(
      @Nullable String traceparent, @Nullable String tracestate) {
    if (traceparent == null || !TRACEPARENT.matcher(traceparent).matches()) {
      return Optional.empty();
    }
    boolean kept = tracestate != null && TRACESTATE.matcher(tracestate).matches();
    return Optional.of(new TraceContext(traceparent, kept ? tracestate : null));
  }

  /// The context of a span; empty when it has none, because nobody traces.
  public static Optional<TraceContext> of(SpanContext span) {
    if (!span.isValid()) {
      return Optional.empty();
    }
    Map<String, String> headers = new HashMap<>();
    W3CTraceContextPropagator.getInstance()
        .inject(
            Context.root().with(Span.wrap(span)),
            headers,
            (_, name, value) -> headers.put(name, value));
    return of(headers.get(TRACEPARENT_HEADER), headers.get(TRACESTATE_HEADER));
  }

  /// The context of what this thread does; empty when nobody traces.
  public static Optional<TraceContext> current() {
    return of(Span.current().getSpanContext());
  }

  /// The span it names, as one of another process.
  public SpanContext span() {
    return Span.fromContext(under(this)).getSpanContext();
  }

  /// What spans that belong to `context` are made in: nothing at all without one.
  public static Context under(@Nullable TraceContext context) {
    return context == null
        ? Context.root()
        : W3CTraceContextPropagator.getInstance().extract(Context.root(), context, HEADERS);
  }

  private static final class Headers implements TextMapGetter<TraceContext> {
    @Override
    public Iterable<String> keys(TraceContext carrier) {
      return List.of(TRACEPARENT_HEADER, TRACESTATE_HEADER);
    }

    @Override
    public @Nullable String get(@Nullable TraceContext carrier, String key) {
      if (carrier == null) {
        return null;
      }
      return key.equals(TRACEPARENT_HEADER) ? carrier.traceparent : carrier.tracestate;
    }
  }
}
