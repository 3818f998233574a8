package io.steward.vaultproxy;

import io.smallrye.config.ConfigMapping;
import io.steward.schemas.blob.s3.S3Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// What the service keeps and reads. Keys are public; defaults are in
/// `META-INF/microprofile-config.properties`.
@ConfigMapping(prefix = "steward.vault")
public interface VaultSettings {
  /// File with the key-encryption keys, one on each line: 32 random bytes in base64; the first
  /// encrypts, the others only decrypt. There is no default: without it the service is read-only.
  /// Environment: `STEWARD_VAULT_KEY_FILE`.
  Optional<Path> keyFile();

  /// The service's own directory, for clones that run. Environment: `STEWARD_VAULT_DIR`.
  Path dir();

  /// Directory of the blob store, when it is in no bucket. Environment: `STEWARD_BLOB_DIR`.
  Path blobDir();

  /// The bucket blobs are in. Environment: `STEWARD_BLOB_S3_…`.
  S3Settings blobS3();

  /// Kafka. Environment: `KAFKA_BOOTSTRAP_SERVERS`.
  String bootstrapServers();

  /// Commands, and sealed secrets, that are read and not yet done, from 1.
  int recordsOpenMax();

  /// How long a command waits for the secret it names, which travels on another topic.
  Duration secretWait();

  /// How long a secret is kept that no clone uses.
  Duration secretKept();

  /// How long the answer about a vault that was made, archived or deleted waits until Kafka has
  /// acknowledged its record.
  Duration publishTimeout();

  /// How long uses of credentials are kept: days or hours, or `forever`; see
  /// [io.steward.schemas.vault.AuditRetention]. Environment: `STEWARD_VAULT_AUDIT_RETENTION`, which
  /// also sets the topic's.
  String auditRetention();
}
