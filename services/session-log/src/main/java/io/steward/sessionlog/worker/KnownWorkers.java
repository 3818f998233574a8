package io.steward.sessionlog.worker;

import io.steward.schemas.id.SessionId;
import io.steward.schemas.session.Session;
import io.steward.sessionlog.catalog.Catalog;
import io.steward.sessionlog.http.Caller;
import io.steward.sessionlog.http.Credential;
import io.steward.sessionlog.http.WorkerCredentials;
import io.steward.sessionlog.project.Sessions;
import io.steward.sessionlog.work.WorkState;
import jakarta.inject.Singleton;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Environment keys as their topic tells, behind its barrier, and sessions tokens as the work says.
@Singleton
class KnownWorkers implements WorkerCredentials {
  private final Catalog catalog;
  private final Sessions sessions;
  private final PostgresWork store;

  KnownWorkers(Catalog catalog, Sessions sessions, PostgresWork store) {
    this.catalog = catalog;
    this.sessions = sessions;
    this.store = store;
  }

  @Override
  public Optional<Caller> find(Credential credential) {
    String sha256 = credential.sha256();
    return switch (credential.kind()) {
      case ENVIRONMENT_KEY -> {
        catalog.barrier();
        yield catalog
            .environmentKey(sha256)
            .map(key -> new Caller.EnvironmentWorker(key.environmentId(), sha256));
      }
      case SESSIONS_TOKEN -> store.handedOut(sha256).map(KnownWorkers::holder);
    };
  }

  private static Caller holder(PostgresWork.Held held) {
    return new Caller.ItemWorker(
        held.item().environmentId(),
        held.item().id(),
        held.item().sessionId(),
        held.sha256(),
        held.item().state() instanceof WorkState.Stopped);
  }

  @Override
  public Optional<String> environmentOf(SessionId id) {
    Session session = sessions.known(id);
    if (session.known().isEmpty()) {
      session = sessions.current(id);
    }
    return session.known().map(facts -> facts.environment().id());
  }

  @Override
  public Set<Caller> revoked(Collection<Caller> callers) {
    List<String> tokens =
        callers.stream()
            .filter(Caller.ItemWorker.class::isInstance)
            .map(caller -> ((Caller.ItemWorker) caller).sha256())
            .toList();
    Set<String> open = tokens.isEmpty() ? Set.of() : store.open(tokens);
    return callers.stream()
        .filter(caller ->
            switch (caller) {
              case Caller.Client _ -> false;
              case Caller.EnvironmentWorker worker ->
                  catalog.environmentKey(worker.sha256()).isEmpty();
              case Caller.ItemWorker worker -> !open.contains(worker.sha256());
            })
        .collect(Collectors.toUnmodifiableSet());
  }
}
