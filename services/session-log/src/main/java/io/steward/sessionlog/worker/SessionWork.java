package io.steward.sessionlog.worker;

import io.steward.schemas.id.SessionId;
import io.steward.sessionlog.work.WorkItem;
import jakarta.inject.Singleton;
import java.util.Optional;

/// What the queue of work knows about one session.
@Singleton
public class SessionWork {
  private final PostgresWork store;
  private final WorkQueue queue;

  SessionWork(PostgresWork store, WorkQueue queue) {
    this.store = store;
    this.queue = queue;
  }

  /// The newest item of a session; older ones are stopped.
  ///
  /// @throws io.steward.schemas.kafka.DependencyAwayException when the database does not answer
  public Optional<WorkItem> newest(SessionId session) {
    return store.newest(session);
  }

  /// Workers of an environment that polled lately.
  ///
  /// @throws io.steward.schemas.kafka.DependencyAwayException when the database does not answer
  public int workersPolling(String environment) {
    return queue.stats(environment).workersPolling();
  }
}
