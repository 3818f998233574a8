package io.steward.schemas.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.api.trace.Span;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TracingTest {
  private static final TraceContext PARENT =
      new TraceContext("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", null);

  @Test
  void nothing_is_recorded_without_an_endpoint_and_the_context_goes_on() {
    try (Tracing tracing = Tracing.open("harness", Map.of())) {
      Span span = begin(tracing);

      assertFalse(tracing.isOn());
      assertFalse(span.isRecording());
      assertEquals(PARENT, TraceContext.of(span.getSpanContext()).orElseThrow());
    }
  }

  @ParameterizedTest
  @CsvSource({"OTEL_SDK_DISABLED,true", "OTEL_TRACES_EXPORTER,none"})
  void tracing_can_be_switched_off_in_the_ways_of_opentelemetry(String name, String value) {
    Map<String, String> environment =
        Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1", name, value);

    try (Tracing tracing = Tracing.open("harness", environment)) {
      assertFalse(tracing.isOn());
    }
  }

  @Test
  void spans_go_to_the_endpoint_at_the_latest_when_tracing_ends() throws Exception {
    List<String> paths = new CopyOnWriteArrayList<>();
    HttpServer collector =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    collector.createContext(
        "/",
        exchange -> {
          byte[] body = exchange.getRequestBody().readAllBytes();
          paths.add(
              exchange.getRequestURI().getPath()
                  + " "
                  + exchange.getRequestHeaders().getFirst("content-type")
                  + " "
                  + new String(body, java.nio.charset.StandardCharsets.ISO_8859_1)
                      .contains("step"));
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    collector.start();
    try {
      String endpoint = "http://127.0.0.1:" + collector.getAddress().getPort();
      Tracing tracing = Tracing.open("harness", Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint));
      begin(tracing).end();
      tracing.close();

      assertTrue(tracing.isOn());
      assertEquals(List.of("/v1/traces application/x-protobuf true"), paths);
    } finally {
      collector.stop(0);
    }
  }

  @Test
  void a_share_of_new_traces_is_recorded_when_the_operator_says_so() {
    Map<String, String> environment =
        Map.of(
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            "http://127.0.0.1:1",
            "OTEL_TRACES_SAMPLER",
            "parentbased_traceidratio",
            "OTEL_TRACES_SAMPLER_ARG",
            "0");

    try (Tracing tracing = Tracing.open("harness", environment)) {
      Span root = tracing.tracer().spanBuilder("root").setNoParent().startSpan();

      assertFalse(root.getSpanContext().isSampled());
      assertTrue(begin(tracing).getSpanContext().isSampled(), "the client decided");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "OTEL_EXPORTER_OTLP_PROTOCOL,grpc",
    "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL,http/json",
    "STEWARD_TRACE_CONTENT,yes"
  })
  void a_setting_that_cannot_be_used_is_named(String name, String value) {
    Map<String, String> environment =
        Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1", name, value);

    IllegalStateException refused =
        assertThrows(IllegalStateException.class, () -> Tracing.open("harness", environment));

    assertTrue(String.valueOf(refused.getMessage()).startsWith(name + " is " + value + "; "));
  }

  @Test
  void a_span_can_be_begun_again_under_the_ids_it_had() {
    Map<String, String> environment = Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1");
    try (Tracing tracing = Tracing.open("harness", environment)) {
      TraceContext first =
          TraceContext.of(
                  tracing.tracer().spanBuilder("turn").setNoParent().startSpan().getSpanContext())
              .orElseThrow();

      Span again = ChosenIds.startAgain(tracing.tracer().spanBuilder("turn").setNoParent(), first);
      Span call = ChosenIds.start(tracing.tracer().spanBuilder("call"), "sevt_1");
      Span same = ChosenIds.start(tracing.tracer().spanBuilder("call"), "sevt_1");

      assertEquals(first, TraceContext.of(again.getSpanContext()).orElseThrow());
      assertEquals(call.getSpanContext().getSpanId(), same.getSpanContext().getSpanId());
      assertNotEquals(
          call.getSpanContext().getSpanId(), begin(tracing).getSpanContext().getSpanId());
    }
  }

  private static Span begin(Tracing tracing) {
    return tracing.tracer().spanBuilder("step").setParent(TraceContext.under(PARENT)).startSpan();
  }
}
