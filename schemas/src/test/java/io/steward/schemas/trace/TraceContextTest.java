package io.steward.schemas.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TraceContextTest {
  private static final String TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
  private static final String SPAN_ID = "b7ad6b7169203331";
  private static final String PARENT = "00-" + TRACE_ID + "-" + SPAN_ID + "-01";

  @Test
  void a_context_names_a_span_of_another_process_and_is_read_back_from_it() {
    TraceContext context = TraceContext.of(PARENT, "vendor=1,other=2").orElseThrow();

    SpanContext span = context.span();

    assertTrue(span.isRemote());
    assertTrue(span.isSampled());
    assertEquals(TRACE_ID, span.getTraceId());
    assertEquals(SPAN_ID, span.getSpanId());
    assertEquals(Optional.of(context), TraceContext.of(span));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\n"
      })
  void a_malformed_context_is_none(String traceparent) {
    assertEquals(Optional.empty(), TraceContext.of(traceparent, "vendor=1"));
  }

  @Test
  void a_state_that_is_too_long_or_not_readable_is_dropped_and_the_span_kept() {
    String tooLong = "a=" + "x".repeat(TraceContext.TRACESTATE_CHARS_MAX);

    assertEquals(new TraceContext(PARENT, null), TraceContext.of(PARENT, tooLong).orElseThrow());
    assertEquals(new TraceContext(PARENT, null), TraceContext.of(PARENT, "a=\n").orElseThrow());
    assertEquals(SPAN_ID, TraceContext.of(PARENT, "no state").orElseThrow().span().getSpanId());
  }

  @Test
  void without_a_context_nothing_is_under_way() {
    assertEquals(
        SpanContext.getInvalid(), Span.fromContext(TraceContext.under(null)).getSpanContext());
    assertEquals(Optional.empty(), TraceContext.current());
  }
}
