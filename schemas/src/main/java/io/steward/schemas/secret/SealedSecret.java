package io.steward.schemas.secret;

import io.steward.schemas.id.SessionId;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/// A secret on its way to vault-proxy: a record of `sealed-secrets`, keyed by its id.
///
/// @param id names the secret from now on; a new value has a new id
/// @param keyId the [SealingKey] it was sealed with
/// @param host the only host the secret may be sent to, lower case, with `:port` unless it is 443
/// @param ciphertext HPKE with [#context] as context info, base64
public record SealedSecret(
    String id,
    String workspaceId,
    SessionId sessionId,
    String keyId,
    String host,
    String ciphertext,
    Instant createdAt) {
  public static final String TYPE = "secret.sealed";

  /// What the ciphertext is bound to: moved to another session or host it cannot be opened.
  public byte[] context() {
    return context(id, workspaceId, sessionId, host);
  }

  /// What the ciphertext of such a secret is bound to.
  public static byte[] context(String id, String workspaceId, SessionId sessionId, String host) {
    return String.join("\n", "steward sealed secret", id, workspaceId, sessionId.value(), host)
        .getBytes(StandardCharsets.UTF_8);
  }
}
