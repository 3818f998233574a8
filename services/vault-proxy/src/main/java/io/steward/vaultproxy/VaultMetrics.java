package io.steward.vaultproxy;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.steward.schemas.kafka.RecordLoop;
import io.steward.vaultproxy.repository.Clones;
import jakarta.inject.Singleton;

/// What this service shows at `/q/metrics`. No tag names a session, a repository or a host.
@Singleton
class VaultMetrics {
  private static final String PREFIX = "steward.vault.proxy.";

  private final MeterRegistry registry;

  VaultMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  void show(String topic, RecordLoop loop) {
    FunctionCounter.builder(PREFIX + "records.set.aside", loop, RecordLoop::setAside)
        .description("Records sent to the dead letter topic")
        .tag("topic", topic)
        .register(registry);
    Gauge.builder(PREFIX + "records.open", loop, RecordLoop::open)
        .description("Records that were read and are not done")
        .tag("topic", topic)
        .register(registry);
    Gauge.builder(PREFIX + "records.held.up", loop, reading -> reading.isHeldUp() ? 1 : 0)
        .description("1 while reading waits for something that is away, else 0")
        .tag("topic", topic)
        .register(registry);
  }

  void show(Clones clones) {
    Gauge.builder(PREFIX + "clones.open", clones, Clones::open)
        .description("Clones that run, or wait for their turn, their token or their answer")
        .register(registry);
  }
}
