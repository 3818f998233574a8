package io.steward.vaultproxy;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/// Ready once the egress proxy knows every sandbox that was announced before it started.
@Readiness
@ApplicationScoped
class EgressReadiness implements HealthCheck {
  private final EgressService service;

  EgressReadiness(EgressService service) {
    this.service = service;
  }

  @Override
  public HealthCheckResponse call() {
    return HealthCheckResponse.named("egress proxy").status(service.isReady()).build();
  }
}
