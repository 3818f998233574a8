package io.steward.sessionlog.http;

import io.steward.schemas.id.SessionId;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Workers and sessions a test names.
///
/// @param callers by the text of their credentials
/// @param environments of sessions
record NamedWorkers(Map<String, Caller> callers, Map<SessionId, String> environments)
    implements WorkerCredentials {
  @Override
  public Optional<Caller> find(Credential credential) {
    return Optional.ofNullable(callers.get(credential.text()));
  }

  @Override
  public Optional<String> environmentOf(SessionId session) {
    return Optional.ofNullable(environments.get(session));
  }

  @Override
  public Set<Caller> revoked(Collection<Caller> open) {
    return open.stream()
        .filter(caller -> !callers.containsValue(caller))
        .collect(Collectors.toUnmodifiableSet());
  }
}
