package io.steward.vaultproxy;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.steward.vaultproxy.seal.KeyRotation;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;

/// Starts and stops what follows the file with the key-encryption key.
@ApplicationScoped
class KeyService {
  private final KeyRotation rotation;
  private final VaultMetrics metrics;

  KeyService(KeyRotation rotation, VaultMetrics metrics) {
    this.rotation = rotation;
    this.metrics = metrics;
  }

  void start(@Observes StartupEvent event) throws IOException {
    metrics.show(rotation);
    rotation.start();
  }

  void stop(@Observes ShutdownEvent event) {
    rotation.close();
  }
}
