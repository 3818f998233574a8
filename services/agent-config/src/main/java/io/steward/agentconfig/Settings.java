package io.steward.agentconfig;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// Everything that can be set on this service. Keys are public API; PostgreSQL and HTTP are set
/// with Quarkus' own keys.
@ConfigMapping(prefix = "steward")
public interface Settings {
  /// The key clients send. No default: without one the service does not start.
  String apiKey();

  /// Where bodies of records above 256 kB live; shared by all services.
  @WithDefault(".steward/blobs")
  Path blobDir();

  /// How long a response waits for its record to be acknowledged by Kafka.
  @WithDefault("5s")
  Duration publishTimeout();

  /// How long a delete waits until all sessions created so far are known.
  @WithDefault("5s")
  Duration sessionsTimeout();

  /// How long one database transaction may take.
  @WithDefault("5s")
  Duration databaseTimeout();

  /// The file of models, the same for all services; without it the catalog that is shipped.
  Optional<Path> models();
}
