package io.steward.vaultproxy;

import io.steward.vaultproxy.seal.KeyRotation;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/// Ready with a key-encryption key and without: a service that is read-only still answers.
@Readiness
@ApplicationScoped
class KeyReadiness implements HealthCheck {
  private final KeyRotation rotation;

  KeyReadiness(KeyRotation rotation) {
    this.rotation = rotation;
  }

  @Override
  public HealthCheckResponse call() {
    return HealthCheckResponse.named("key-encryption key")
        .up()
        .withData("mode", rotation.isReadOnly() ? "read-only" : "read-write")
        .withData("wrapped_with_older_keys", rotation.old())
        .build();
  }
}
