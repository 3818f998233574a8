package io.steward.agentconfig.postgres;

import io.quarkus.vertx.VertxContextSupport;
import io.smallrye.mutiny.TimeoutException;
import io.smallrye.mutiny.Uni;
import io.steward.agentconfig.Settings;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.vertx.core.VertxException;
import io.vertx.sqlclient.ClosedConnectionException;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Function;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jboss.logging.Logger;

/// Runs work in a transaction and waits for it. Called on virtual threads and on the service's own
/// threads, never on an event loop.
@ApplicationScoped
public class PostgresTransactions {
  private static final Logger LOG = Logger.getLogger(PostgresTransactions.class);

  private final Mutiny.SessionFactory sessions;
  private final Duration timeout;

  PostgresTransactions(Mutiny.SessionFactory sessions, Settings settings) {
    this.sessions = sessions;
    this.timeout = settings.databaseTimeout();
  }

  /// The result of `work`, committed. An exception rolls everything back and is thrown as it is.
  ///
  /// @throws ApiException 503 when the database does not answer in time or cannot be reached
  public <T> T call(Function<Mutiny.Session, Uni<T>> work) {
    return call(work, timeout);
  }

  /// As [#call(Function)], with another bound on the time.
  public <T> T call(Function<Mutiny.Session, Uni<T>> work, Duration bound) {
    try {
      return VertxContextSupport.subscribeAndAwait(
          () -> sessions.withTransaction(work).ifNoItem().after(bound).fail());
    } catch (Throwable e) {
      if (isOutOfReach(e)) {
        LOG.warnf("the database is out of reach: %s", e);
        throw new ApiException(ApiError.unavailable("The database does not answer; try again."));
      }
      if (e instanceof RuntimeException unexpected) {
        throw unexpected;
      }
      throw new IllegalStateException("a transaction failed", e);
    }
  }

  private static boolean isOutOfReach(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof TimeoutException
          || cause instanceof IOException
          || cause instanceof VertxException
          || cause instanceof ClosedConnectionException) {
        return true;
      }
    }
    return false;
  }
}
