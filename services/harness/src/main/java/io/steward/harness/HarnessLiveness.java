package io.steward.harness;

import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/// Alive as long as the topics are being read.
@Liveness
class HarnessLiveness implements HealthCheck {
  private final Harness harness;

  HarnessLiveness(Harness harness) {
    this.harness = harness;
  }

  @Override
  public HealthCheckResponse call() {
    return HealthCheckResponse.named("readers").status(harness.isAlive()).build();
  }
}
