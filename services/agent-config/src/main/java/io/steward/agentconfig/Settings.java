package io.steward.agentconfig;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.steward.schemas.blob.s3.S3Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// Everything that can be set on this service. Keys are public API; PostgreSQL and HTTP are set
/// with Quarkus' own keys.
@ConfigMapping(prefix = "steward")
public interface Settings {
  /// The key clients send. No default: without one the service does not start.
  String apiKey();

  /// Where bodies of records above 256 kB live, when it is no bucket; shared by all services.
  @WithDefault(".steward/blobs")
  Path blobDir();

  /// The bucket they are in. Environment: `STEWARD_BLOB_S3_…`.
  S3Settings blobS3();

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
