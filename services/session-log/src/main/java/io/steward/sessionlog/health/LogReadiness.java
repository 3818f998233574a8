package io.steward.sessionlog.health;

import io.steward.sessionlog.catalog.Catalog;
import io.steward.sessionlog.project.Sessions;
import io.steward.sessionlog.stream.EventStreams;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/// Ready once the topics are being read, the database answers, and the projection has caught up
/// with what was on the log when this replica started, which must be the log it was made from.
@Readiness
@Singleton
class LogReadiness implements HealthCheck {
  private final Sessions sessions;
  private final Catalog catalog;
  private final EventStreams streams;

  LogReadiness(Sessions sessions, Catalog catalog, EventStreams streams) {
    this.sessions = sessions;
    this.catalog = catalog;
    this.streams = streams;
  }

  @Override
  public HealthCheckResponse call() {
    HealthCheckResponseBuilder answer =
        HealthCheckResponse.named("session-log")
            .status(catalog.running() && streams.running() && sessions.ready());
    sessions.refusal().ifPresent(reason -> answer.withData("reason", reason));
    return answer.build();
  }
}
