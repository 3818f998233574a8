package io.steward.sessionlog.http;

import io.steward.schemas.http.ApiException;
import io.steward.schemas.id.SessionId;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;

/// Knows the credentials of workers. May wait, so it is asked on virtual threads.
public interface WorkerCredentials {
  /// Whose credential it is now: one that was revoked before this call is not found.
  ///
  /// @throws ApiException 503 when it cannot be told in time
  Optional<Caller> find(Credential credential);

  /// The environment of a session, or empty when there is no such session.
  ///
  /// @throws ApiException 503 when it cannot be told in time
  Optional<String> environmentOf(SessionId session);

  /// Those whose credentials open nothing any more, as far as this replica has heard.
  Set<Caller> revoked(Collection<Caller> callers);
}
