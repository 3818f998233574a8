package io.steward.vaultproxy.proxy;

import io.steward.schemas.id.SessionId;
import io.steward.vaultproxy.policy.GitRepository;
import java.util.Optional;

/// The tokens of the repositories of sessions. It is asked for a request of git, on a virtual
/// thread, and may wait, a bounded time.
@FunctionalInterface
public interface RepositoryTokens {
  /// The token, which is the caller's; empty when there is none (yet, or any more), or when it is
  /// for another host.
  ///
  /// @throws RuntimeException when it cannot be read now; the request is then refused
  Optional<byte[]> find(SessionId session, GitRepository repository);
}
