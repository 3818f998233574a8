package io.steward.vaultproxy;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.steward.vaultproxy.audit.AuditRelay;
import io.steward.vaultproxy.audit.UseQueue;
import io.steward.vaultproxy.audit.UseSweep;
import io.steward.vaultproxy.topic.KafkaAuditTopic;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/// Starts and stops what keeps and publishes uses of credentials: before those who use them, and
/// after them.
@ApplicationScoped
class AuditService {
  private static final int FIRST = 1_000;
  private static final int LAST = 4_000;

  private final UseQueue queue;
  private final AuditRelay relay;
  private final UseSweep sweep;
  private final KafkaAuditTopic topic;
  private final VaultMetrics metrics;

  AuditService(
      UseQueue queue,
      AuditRelay relay,
      UseSweep sweep,
      KafkaAuditTopic topic,
      VaultMetrics metrics) {
    this.queue = queue;
    this.relay = relay;
    this.sweep = sweep;
    this.topic = topic;
    this.metrics = metrics;
  }

  void start(@Observes @Priority(FIRST) StartupEvent event) {
    metrics.show(queue, relay);
    queue.start();
    relay.start();
    sweep.start();
  }

  void stop(@Observes @Priority(LAST) ShutdownEvent event) {
    sweep.close();
    queue.close();
    relay.close();
    topic.close();
  }
}
