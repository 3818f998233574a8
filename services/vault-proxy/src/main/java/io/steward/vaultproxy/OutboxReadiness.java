package io.steward.vaultproxy;

import io.steward.vaultproxy.outbox.OutboxRelay;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/// Ready once every vault that a former process has changed is on Kafka.
@Readiness
@ApplicationScoped
class OutboxReadiness implements HealthCheck {
  private final OutboxRelay relay;

  OutboxReadiness(OutboxRelay relay) {
    this.relay = relay;
  }

  @Override
  public HealthCheckResponse call() {
    return HealthCheckResponse.named("vaults").status(relay.isCaughtUp()).build();
  }
}
