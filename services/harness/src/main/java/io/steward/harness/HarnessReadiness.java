package io.steward.harness;

import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/// Ready once the group has given us partitions and each of them was taken over.
@Readiness
class HarnessReadiness implements HealthCheck {
  private final Harness harness;

  HarnessReadiness(Harness harness) {
    this.harness = harness;
  }

  @Override
  public HealthCheckResponse call() {
    return HealthCheckResponse.named("partitions").status(harness.isReady()).build();
  }
}
