package io.steward.vaultproxy.repository;

import io.steward.schemas.egress.EgressCommand.CloneRepository;
import io.steward.schemas.egress.RepositoryResult;
import io.steward.schemas.id.SessionId;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

final class InMemoryCloneJournal implements CloneJournal {
  private final Map<Attempt, Known> attempts = new HashMap<>();

  private record Attempt(SessionId session, String resourceId, String attempt) {}

  @Override
  public synchronized Known start(CloneRepository command, String workspaceId) {
    Attempt attempt = new Attempt(command.sessionId(), command.resourceId(), command.attempt());
    return attempts.merge(
        attempt,
        new Known.Started(1),
        (known, _) ->
            known instanceof Known.Started(int times) ? new Known.Started(times + 1) : known);
  }

  @Override
  public synchronized Optional<RepositoryResult> end(RepositoryResult result) {
    Attempt attempt = new Attempt(result.sessionId(), result.resourceId(), result.attempt());
    Known counts =
        attempts.computeIfPresent(
            attempt, (_, known) -> known instanceof Known.Ended ? known : new Known.Ended(result));
    return counts instanceof Known.Ended(RepositoryResult first)
        ? Optional.of(first)
        : Optional.empty();
  }

  @Override
  public synchronized void forget(SessionId session) {
    attempts.keySet().removeIf(attempt -> attempt.session().equals(session));
  }
}
