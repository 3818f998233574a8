package io.steward.agentconfig;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;

/// The clock of the service, in milliseconds, as the API shows moments.
class TimeSource {
  @Produces
  @ApplicationScoped
  InstantSource instants() {
    return Clock.tick(Clock.systemUTC(), Duration.ofMillis(1));
  }
}
