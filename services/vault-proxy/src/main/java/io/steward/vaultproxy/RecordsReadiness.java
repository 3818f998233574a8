package io.steward.vaultproxy;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/// Ready when the sealing key is published and both topics are read; in a service that is
/// read-only, when commands are. Quarkus checks the database beside it.
@Readiness
@ApplicationScoped
class RecordsReadiness implements HealthCheck {
  private final VaultService service;

  RecordsReadiness(VaultService service) {
    this.service = service;
  }

  @Override
  public HealthCheckResponse call() {
    return HealthCheckResponse.named("egress-commands and sealed-secrets")
        .status(service.isReading())
        .build();
  }
}
