package io.steward.sandbox;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/// Ready when partitions of `sandbox-commands` are assigned. Quarkus checks the database beside it.
@Readiness
@ApplicationScoped
class CommandsReadiness implements HealthCheck {
  private final SandboxService service;

  CommandsReadiness(SandboxService service) {
    this.service = service;
  }

  @Override
  public HealthCheckResponse call() {
    return HealthCheckResponse.named("sandbox-commands").status(service.isReading()).build();
  }
}
