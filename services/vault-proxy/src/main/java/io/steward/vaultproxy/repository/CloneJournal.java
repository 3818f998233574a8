package io.steward.vaultproxy.repository;

import io.steward.schemas.egress.EgressCommand.CloneRepository;
import io.steward.schemas.egress.RepositoryResult;
import io.steward.schemas.id.SessionId;
import java.util.Optional;

/// What is known of attempts to clone, so that one that ended is never made again. Every method
/// returns after its effect is durable and may be called from any thread. While the store does not
/// answer, they throw [io.steward.schemas.kafka.DependencyAwayException].
public interface CloneJournal {
  /// What is known of an attempt.
  sealed interface Known {
    /// It starts now.
    ///
    /// @param times how often it started, with this time
    record Started(int times) implements Known {}

    /// It ended before.
    record Ended(RepositoryResult result) implements Known {}
  }

  /// Notes that an attempt starts, unless it ended before.
  Known start(CloneRepository command, String workspaceId);

  /// Notes how a started attempt ended, unless it ended before.
  ///
  /// @return the result that counts, which is the first; empty when the session was forgotten
  Optional<RepositoryResult> end(RepositoryResult result);

  /// Forgets the attempts of a session.
  void forget(SessionId session);
}
