package io.steward.vaultproxy.topic;

import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.RecordHandler;
import io.steward.schemas.kafka.UnreadableRecordException;
import io.steward.schemas.secret.SealedSecret;
import io.steward.schemas.secret.SealingKey;
import io.steward.schemas.vault.SandboxAuthority;
import io.steward.vaultproxy.seal.SealBrokenException;
import io.steward.vaultproxy.secret.SecretIntake;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/// Records of `sealed-secrets`. The key to seal with is published before they are read, and with it
/// the certificate authority sandboxes have to trust.
public final class SealedSecrets implements RecordHandler {
  /// The longest ciphertext that is opened, in base64 characters.
  static final int CIPHERTEXT_CHARS_MAX = 64 * 1024;

  private static final Logger LOG = Logger.getLogger(SealedSecrets.class);

  private final SecretIntake intake;
  private final SealingKey sealingKey;
  private final SandboxAuthority authority;
  private final KafkaOutbox outbox;

  public SealedSecrets(
      SecretIntake intake, SealingKey sealingKey, SandboxAuthority authority, KafkaOutbox outbox) {
    this.intake = intake;
    this.sealingKey = sealingKey;
    this.authority = authority;
    this.outbox = outbox;
  }

  @Override
  public void beforeReading() {
    outbox.publish(sealingKey);
    outbox.publish(authority);
    LOG.infof("the sealing key %s and the certificate authority are published", sealingKey.keyId());
  }

  @Override
  public void handle(RecordFormat.Decoded decoded, Runnable acknowledge)
      throws UnreadableRecordException {
    SealedSecret sealed;
    try {
      sealed = Json.read(decoded.json(), SealedSecret.class);
    } catch (UncheckedIOException e) {
      throw new UnreadableRecordException("the body is not a sealed secret", e);
    }
    requireComplete(sealed);
    try {
      intake.take(sealed);
    } catch (SealBrokenException e) {
      throw new UnreadableRecordException(String.valueOf(e.getMessage()), e);
    }
    acknowledge.run();
  }

  /// JSON may leave out what the type says is there.
  private static void requireComplete(SealedSecret sealed) throws UnreadableRecordException {
    if (Stream.of(
            sealed.id(),
            sealed.workspaceId(),
            sealed.sessionId(),
            sealed.keyId(),
            sealed.host(),
            sealed.ciphertext(),
            sealed.createdAt())
        .anyMatch(Objects::isNull)) {
      throw new UnreadableRecordException("a required field of the sealed secret is missing");
    }
    if (sealed.ciphertext().length() > CIPHERTEXT_CHARS_MAX) {
      throw new UnreadableRecordException(
          "the ciphertext is longer than " + CIPHERTEXT_CHARS_MAX + " characters");
    }
  }
}
