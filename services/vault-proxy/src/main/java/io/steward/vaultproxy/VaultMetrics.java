package io.steward.vaultproxy;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.steward.schemas.kafka.RecordLoop;
import io.steward.schemas.sandbox.ToolResult.Outcome;
import io.steward.schemas.vault.CredentialUse;
import io.steward.schemas.vault.CredentialUse.Purpose;
import io.steward.vaultproxy.audit.AuditRelay;
import io.steward.vaultproxy.audit.UseQueue;
import io.steward.vaultproxy.call.Calls;
import io.steward.vaultproxy.mcp.McpServers;
import io.steward.vaultproxy.outbox.OutboxRelay;
import io.steward.vaultproxy.repository.Clones;
import io.steward.vaultproxy.seal.KeyRotation;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.Locale;

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
    Gauge.builder(
            PREFIX + "records.oldest.seconds",
            loop,
            reading -> reading.oldestSeconds(Instant.now()))
        .description("Age of the oldest record that was read and is not done, 0 without one")
        .tag("topic", topic)
        .register(registry);
    Gauge.builder(PREFIX + "consumer.lag.records", loop, RecordLoop::lag)
        .description("Offsets this instance has not read yet")
        .tag("topic", topic)
        .register(registry);
    Gauge.builder(PREFIX + "records.held.up", loop, reading -> reading.isHeldUp() ? 1 : 0)
        .description("1 while reading waits for something that is away, else 0")
        .tag("topic", topic)
        .register(registry);
  }

  void show(OutboxRelay relay) {
    Gauge.builder(PREFIX + "outbox.unpublished", relay, OutboxRelay::unpublished)
        .description("Vaults of the last turn that could not be published")
        .register(registry);
    Gauge.builder(PREFIX + "outbox.failing", relay, outbox -> outbox.isFailing() ? 1 : 0)
        .description("1 while vaults cannot be published, else 0")
        .register(registry);
  }

  void show(UseQueue queue, AuditRelay relay) {
    for (Purpose purpose : Purpose.values()) {
      for (CredentialUse.Outcome outcome : CredentialUse.Outcome.values()) {
        FunctionCounter.builder(
                PREFIX + "credential.uses", queue, uses -> uses.noted(purpose, outcome))
            .description("Uses of credentials, and how they went")
            .tag("purpose", purpose.wireName())
            .tag("outcome", outcome.wireName())
            .register(registry);
      }
    }
    Gauge.builder(PREFIX + "audit.waiting", queue, UseQueue::waiting)
        .description("Uses of credentials that are not in the database yet")
        .register(registry);
    Gauge.builder(
            PREFIX + "audit.failing", queue, uses -> uses.isFailing() || relay.isFailing() ? 1 : 0)
        .description("1 while uses of credentials cannot be written or published, else 0")
        .register(registry);
    FunctionCounter.builder(PREFIX + "audit.lost", queue, UseQueue::lost)
        .description("Uses of credentials that are only in the log")
        .register(registry);
  }

  void show(KeyRotation rotation) {
    Gauge.builder(PREFIX + "read.only", rotation, keys -> keys.isReadOnly() ? 1 : 0)
        .description("1 while there is no key-encryption key, so that no secret can be used")
        .register(registry);
    Gauge.builder(PREFIX + "keys.old", rotation, KeyRotation::old)
        .description("Keys that are still wrapped with an older key-encryption key")
        .register(registry);
    Gauge.builder(PREFIX + "key.file.failing", rotation, keys -> keys.hasProblem() ? 1 : 0)
        .description(
            "1 while the file with the key-encryption keys cannot be used as it is, else 0")
        .register(registry);
  }

  void show(Clones clones) {
    Gauge.builder(PREFIX + "clones.open", clones, Clones::open)
        .description("Clones that run, or wait for their turn, their token or their answer")
        .register(registry);
  }

  void show(Calls calls) {
    Gauge.builder(PREFIX + "calls.open", calls, Calls::open)
        .description("Calls that run, or wait for their turn or their answer")
        .register(registry);
    for (Outcome outcome : Outcome.values()) {
      FunctionCounter.builder(PREFIX + "calls.ended", calls, all -> all.ended(outcome))
          .description("Calls that ended")
          .tag("outcome", outcome.name().toLowerCase(Locale.ROOT))
          .register(registry);
    }
  }

  void show(McpServers servers) {
    Gauge.builder(PREFIX + "mcp.connections", servers, McpServers::connections)
        .description("MCP servers that are connected to, each for one session")
        .register(registry);
  }
}
