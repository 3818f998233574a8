package io.steward.vaultproxy;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.steward.vaultproxy.outbox.OutboxRelay;
import io.steward.vaultproxy.topic.KafkaVaultTopic;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/// Starts and stops what makes vaults known to the other services.
@ApplicationScoped
class OutboxService {
  private final OutboxRelay relay;
  private final KafkaVaultTopic topic;
  private final VaultMetrics metrics;

  OutboxService(OutboxRelay relay, KafkaVaultTopic topic, VaultMetrics metrics) {
    this.relay = relay;
    this.topic = topic;
    this.metrics = metrics;
  }

  void start(@Observes StartupEvent event) {
    metrics.show(relay);
    relay.start();
  }

  void stop(@Observes ShutdownEvent event) {
    relay.close();
    topic.close();
  }
}
