package io.steward.vaultproxy.secret;

import io.steward.schemas.id.SessionId;
import io.steward.schemas.secret.SealedSecret;
import java.util.Optional;

/// Keeps the secrets of sessions. Every method returns after its effect is durable and may be
/// called from any thread. While the store does not answer, they throw
/// [io.steward.schemas.kafka.DependencyAwayException].
public interface Secrets {
  /// Keeps a secret. Nothing changes when its id is known, or its session forgotten.
  ///
  /// @param plaintext what was in `sealed`; not kept in memory
  void keep(SealedSecret sealed, byte[] plaintext);

  /// The secret `id` of a session, which the caller closes and now uses; empty when there is none
  /// (yet, or any more).
  Optional<Secret> find(String id, SessionId session);

  /// Removes all secrets of a session, and keeps none for it from now on.
  void forget(SessionId session);

  /// Whether the session was forgotten.
  boolean isForgotten(SessionId session);
}
