package io.steward.agentconfig.sessions;

import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/// Ready while `session-events` is being read.
@Readiness
class SessionsReadiness implements HealthCheck {
  private final SessionTracker tracker;

  SessionsReadiness(SessionTracker tracker) {
    this.tracker = tracker;
  }

  @Override
  public HealthCheckResponse call() {
    return HealthCheckResponse.named("session-events").status(tracker.following()).build();
  }
}
