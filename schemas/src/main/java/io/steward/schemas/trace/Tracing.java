package io.steward.schemas.trace;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Records spans and sends them to an OpenTelemetry collector with OTLP over HTTP. OpenTelemetry's
/// own environment variables say whether, where to and how many; without an endpoint nothing is
/// recorded, no class of the SDK is loaded, and the context of clients still travels.
///
/// Sending happens on a thread of its own, from a bounded queue; a collector that is away costs
/// spans, never work.
public final class Tracing implements AutoCloseable {
  private static final String ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT";
  private static final String TRACES_ENDPOINT = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
  private static final String PROTOCOL = "OTEL_EXPORTER_OTLP_PROTOCOL";
  private static final String TRACES_PROTOCOL = "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL";
  private static final String HTTP = "http/protobuf";
  private static final String CONTENT = "STEWARD_TRACE_CONTENT";
  private static final String SCOPE = "io.steward";

  /// What is still to be sent at the end gets this long.
  private static final Duration FLUSH_MAX = Duration.ofSeconds(2);

  private final OpenTelemetry telemetry;
  private final Tracer tracer;
  private final boolean content;

  private Tracing(OpenTelemetry telemetry, boolean content) {
    this.telemetry = telemetry;
    this.tracer = telemetry.getTracer(SCOPE);
    this.content = content;
  }

  /// Nothing is recorded.
  public static Tracing off() {
    return new Tracing(OpenTelemetry.noop(), false);
  }

  /// Tracing with an SDK of the caller's, who closes it.
  ///
  /// @param content see [#showsContent()]
  public static Tracing with(OpenTelemetry telemetry, boolean content) {
    return new Tracing(telemetry, content);
  }

  /// Tracing as the environment says.
  ///
  /// @param service the name of this service, such as `harness`
  /// @throws IllegalStateException with a sentence when a variable cannot be used
  public static Tracing open(String service) {
    return open(service, System.getenv());
  }

  static Tracing open(String service, Map<String, String> environment) {
    String content = environment.getOrDefault(CONTENT, "false");
    if (!content.equals("true") && !content.equals("false")) {
      throw new IllegalStateException(CONTENT + " is " + content + "; it must be true or false");
    }
    if (!isWanted(environment)) {
      return off();
    }
    requireHttp(environment, PROTOCOL);
    requireHttp(environment, TRACES_PROTOCOL);
    return new Tracing(sdk(service, environment), content.equals("true"));
  }

  private static boolean isWanted(Map<String, String> environment) {
    boolean named = isSet(environment.get(ENDPOINT)) || isSet(environment.get(TRACES_ENDPOINT));
    return named
        && !"true".equalsIgnoreCase(environment.get("OTEL_SDK_DISABLED"))
        && !"none".equals(environment.get("OTEL_TRACES_EXPORTER"));
  }

  private static boolean isSet(@Nullable String value) {
    return value != null && !value.isBlank();
  }

  private static void requireHttp(Map<String, String> environment, String variable) {
    String protocol = environment.get(variable);
    if (isSet(protocol) && !HTTP.equals(protocol)) {
      throw new IllegalStateException(
          variable + " is " + protocol + "; Steward sends traces with " + HTTP + " only");
    }
  }

  private static OpenTelemetrySdk sdk(String service, Map<String, String> environment) {
    Map<String, String> defaults =
        Map.of(
            "otel.service.name",
            service,
            "otel.resource.attributes",
            "service.namespace=steward",
            "otel.exporter.otlp.protocol",
            HTTP,
            "otel.traces.exporter",
            "otlp",
            "otel.metrics.exporter",
            "none",
            "otel.logs.exporter",
            "none",
            "otel.propagators",
            "none");
    try {
      return AutoConfiguredOpenTelemetrySdk.builder()
          .addPropertiesSupplier(() -> defaults)
          .addPropertiesCustomizer(_ -> properties(environment))
          .addTracerProviderCustomizer((builder, _) -> builder.setIdGenerator(new ChosenIds()))
          .disableShutdownHook()
          .build()
          .getOpenTelemetrySdk();
    } catch (RuntimeException e) {
      throw new IllegalStateException("tracing cannot be set up: " + e.getMessage(), e);
    }
  }

  /// The variables as the SDK names them: what it reads from the process' own environment is the
  /// same, but for tests.
  private static Map<String, String> properties(Map<String, String> environment) {
    Map<String, String> properties = new HashMap<>();
    environment.forEach((name, value) -> {
      if (name.startsWith("OTEL_") && !value.isBlank()) {
        properties.put(name.toLowerCase(Locale.ROOT).replace('_', '.'), value);
      }
    });
    return properties;
  }

  public Tracer tracer() {
    return tracer;
  }

  /// Whether spans are recorded.
  public boolean isOn() {
    return telemetry != OpenTelemetry.noop();
  }

  /// Whether the operator wants what models read and write, and what tools are called with and
  /// return, in spans.
  public boolean showsContent() {
    return content;
  }

  /// Sends what was recorded, for a short while.
  @Override
  public void close() {
    if (telemetry instanceof OpenTelemetrySdk sdk) {
      sdk.shutdown().join(FLUSH_MAX.toMillis(), TimeUnit.MILLISECONDS);
    }
  }
}
