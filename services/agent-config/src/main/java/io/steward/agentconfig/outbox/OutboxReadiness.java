package io.steward.agentconfig.outbox;

import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/// Ready once everything a former process left in the outbox is on Kafka.
@Readiness
class OutboxReadiness implements HealthCheck {
  private final OutboxRelay relay;

  OutboxReadiness(OutboxRelay relay) {
    this.relay = relay;
  }

  @Override
  public HealthCheckResponse call() {
    return HealthCheckResponse.named("outbox").status(relay.caughtUp()).build();
  }
}
