package io.steward.agentconfig.metric;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.inject.Singleton;
import java.util.function.ToDoubleFunction;

/// What this service shows at `/q/metrics`. No tag names an agent, an environment or a session.
@Singleton
public class Metrics {
  private static final String PREFIX = "steward.agent.config.";

  private final MeterRegistry registry;
  private final Counter refused;
  private final Counter unreadable;

  Metrics(MeterRegistry registry) {
    this.registry = registry;
    this.refused =
        counter("refused.requests", "Requests answered with 503, because something is away");
    this.unreadable =
        counter("unreadable.records", "Records of session-events that could not be read");
  }

  /// A request was answered with 503.
  public void requestRefused() {
    refused.increment();
  }

  /// A record could not be read and was passed over.
  public void recordUnreadable() {
    unreadable.increment();
  }

  /// Shows a value that changes.
  ///
  /// @param owner is not kept alive
  public <T> void show(String name, String description, T owner, ToDoubleFunction<T> value) {
    Gauge.builder(PREFIX + name, owner, value).description(description).register(registry);
  }

  private Counter counter(String name, String description) {
    return Counter.builder(PREFIX + name).description(description).register(registry);
  }
}
