package io.steward.sessionlog.secret;

import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.id.Ids;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.Envelope;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.secret.SealedSecret;
import io.steward.sessionlog.log.LogWriter;
import jakarta.inject.Singleton;
import java.security.GeneralSecurityException;
import java.time.Instant;
import org.jboss.logging.Logger;

/// Hands secrets over to vault-proxy, as ciphertext on `sealed-secrets`.
@Singleton
public class Secrets {
  private static final Logger LOG = Logger.getLogger(Secrets.class);
  private static final String SOURCE = "/services/session-log";
  private static final String ID_PREFIX = "sec_";
  private static final int PARTITION = 0;

  private final SealingKeys keys;
  private final RecordFormat format;
  private final LogWriter writer;

  Secrets(SealingKeys keys, RecordFormat format, LogWriter writer) {
    this.keys = keys;
    this.format = format;
    this.writer = writer;
  }

  /// Refuses early what [#handOver] would refuse late.
  ///
  /// @throws ApiException 503 when no secret can be sealed yet
  public void requireKey() {
    keys.newest();
  }

  /// Seals a secret of a session and returns when Kafka has acknowledged it.
  ///
  /// @param host the only host it may be sent to, with `:port` unless it is 443
  /// @return what names it from now on
  /// @throws ApiException 503 when it cannot be sealed yet, or Kafka does not take it in time
  public String handOver(SessionId session, String host, Secret secret, Instant now) {
    Seal seal = keys.newest();
    String id = Ids.random(ID_PREFIX);
    SealedSecret sealed = sealed(seal, id, session, host, secret, now);
    Envelope envelope =
        Envelope.of(Ids.random("rec_"), SealedSecret.TYPE, SOURCE, session.value(), now);
    writer.send(format.encode(Topics.SEALED_SECRETS, PARTITION, id, envelope, Json.bytes(sealed)));
    return id;
  }

  static SealedSecret sealed(
      Seal seal, String id, SessionId session, String host, Secret secret, Instant now) {
    String workspace = Envelope.DEFAULT_WORKSPACE;
    try {
      String ciphertext = seal.seal(secret, SealedSecret.context(id, workspace, session, host));
      return new SealedSecret(id, workspace, session, seal.keyId(), host, ciphertext, now);
    } catch (GeneralSecurityException e) {
      LOG.errorf("session_id=%s: a secret cannot be sealed with %s", session, seal.keyId());
      throw new ApiException(ApiError.internal());
    }
  }
}
