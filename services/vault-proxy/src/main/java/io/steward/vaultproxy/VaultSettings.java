package io.steward.vaultproxy;

import io.smallrye.config.ConfigMapping;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// What the service keeps and reads. Keys are public; defaults are in
/// `META-INF/microprofile-config.properties`.
@ConfigMapping(prefix = "steward.vault")
public interface VaultSettings {
  /// File with the key-encryption key: 32 random bytes in base64. There is no default: without it
  /// the service does not start. Environment: `STEWARD_VAULT_KEK_FILE`.
  Optional<Path> kekFile();

  /// The service's own directory, for clones that run. Environment: `STEWARD_VAULT_DIR`.
  Path dir();

  /// Directory of the blob store. Environment: `STEWARD_BLOB_DIR`.
  Path blobDir();

  /// Kafka. Environment: `KAFKA_BOOTSTRAP_SERVERS`.
  String bootstrapServers();

  /// Commands, and sealed secrets, that are read and not yet done, from 1.
  int recordsOpenMax();

  /// How long a command waits for the secret it names, which travels on another topic.
  Duration secretWait();

  /// How long a secret is kept that no clone uses.
  Duration secretKept();
}
