package io.steward.agentconfig.environments;

import io.smallrye.mutiny.Uni;
import io.steward.agentconfig.http.Cursor;
import io.steward.agentconfig.outbox.Committed;
import io.steward.agentconfig.outbox.OutboxRecord;
import io.steward.agentconfig.outbox.PostgresOutbox;
import io.steward.agentconfig.postgres.PostgresTransactions;
import io.steward.agentconfig.sessions.PostgresSessions;
import io.steward.schemas.agent.Environment;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.kafka.Envelope;
import io.steward.schemas.kafka.Topics;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.hibernate.exception.ConstraintViolationException;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// The environments of the workspace.
@ApplicationScoped
class PostgresEnvironments {
  private static final String TYPE = "environment";
  private static final String LIVE_NAME = "environment_live_name";

  private final PostgresTransactions transactions;
  private final PostgresOutbox outbox;
  private final PostgresSessions sessions;
  private final PostgresEnvironmentKeys keys;

  PostgresEnvironments(
      PostgresTransactions transactions,
      PostgresOutbox outbox,
      PostgresSessions sessions,
      PostgresEnvironmentKeys keys) {
    this.transactions = transactions;
    this.outbox = outbox;
    this.sessions = sessions;
    this.keys = keys;
  }

  /// @throws ApiException 409 when a live environment has that name
  Committed<Environment> create(Environment environment, Instant now) {
    return transactions.call(session ->
        session
            .persist(new EnvironmentRow(environment))
            .chain(session::flush)
            .onFailure()
            .transform(failure -> nameTaken(failure, environment))
            .chain(() -> publish(session, environment, now)));
  }

  /// Applies a change under the lock of the environment's row.
  ///
  /// @param change gives the same object when nothing changes
  /// @throws ApiException 404 when there is no such environment, 409 when its new name is taken, or
  ///   what the change refuses with
  Committed<Environment> change(String id, UnaryOperator<Environment> change, Instant now) {
    return transactions.call(session ->
        session
            .find(EnvironmentRow.class, id, LockModeType.PESSIMISTIC_WRITE)
            .chain(found -> {
              EnvironmentRow row = existing(found, id);
              Environment current = row.environment();
              Environment next = change.apply(current);
              if (next == current) {
                return Uni.createFrom().item(Committed.unchanged(current));
              }
              row.become(next);
              return session
                  .flush()
                  .onFailure()
                  .transform(failure -> nameTaken(failure, next))
                  .chain(() -> publish(session, next, now));
            }));
  }

  /// @throws ApiException 404 when there is no such environment
  Environment find(String id) {
    return transactions.call(session ->
        session.find(EnvironmentRow.class, id).map(row -> existing(row, id).environment()));
  }

  /// One more than the page holds, newest first.
  ///
  /// @param after the last environment of the page before, or null for the first page
  List<Environment> list(boolean includeArchived, @Nullable Cursor after, int limit) {
    StringBuilder query = new StringBuilder("from EnvironmentRow where workspaceId = :workspace");
    Map<String, Object> parameters = new HashMap<>();
    parameters.put("workspace", Envelope.DEFAULT_WORKSPACE);
    if (!includeArchived) {
      query.append(" and archivedAt is null");
    }
    if (after != null) {
      query.append(" and (createdAt < :at or (createdAt = :at and id < :id))");
      parameters.put("at", after.createdAt());
      parameters.put("id", after.id());
    }
    query.append(" order by createdAt desc, id desc");
    List<EnvironmentRow> rows =
        transactions.call(session -> {
          var selection = session.createSelectionQuery(query.toString(), EnvironmentRow.class);
          parameters.forEach(selection::setParameter);
          return selection.setMaxResults(limit + 1).getResultList();
        });
    return rows.stream().map(EnvironmentRow::environment).toList();
  }

  /// Removes an environment no session refers to, and its keys.
  ///
  /// @throws ApiException 404 when there is no such environment, 409 when a session refers to it
  Committed<String> delete(String id, Instant now) {
    return transactions.call(session ->
        session
            .find(EnvironmentRow.class, id, LockModeType.PESSIMISTIC_WRITE)
            .chain(row ->
                sessions
                    .count(session, existing(row, id).id)
                    .chain(count -> remove(session, row, count, now))));
  }

  private Uni<Committed<String>> remove(
      Mutiny.Session session, EnvironmentRow row, long sessionCount, Instant now) {
    if (sessionCount > 0) {
      throw new ApiException(
          ApiError.conflict(
              "Environment %s is used by %d session%s: delete those first, or archive it."
                  .formatted(row.id, sessionCount, sessionCount == 1 ? "" : "s")));
    }
    OutboxRecord tombstone = new OutboxRecord(Topics.ENVIRONMENTS, row.id, TYPE, row.id, null, now);
    // Not Session.remove: with several at once, its flush never completes after the statement.
    return keys.removeAll(session, row.id, now)
        .chain(keyTombstones ->
            session
                .createMutationQuery("delete from EnvironmentRow where id = :id")
                .setParameter("id", row.id)
                .executeUpdate()
                .replaceWith(Stream.concat(keyTombstones.stream(), Stream.of(tombstone)).toList()))
        .chain(tombstones -> outbox.add(session, tombstones))
        .map(position -> new Committed<>(row.id, position));
  }

  private Uni<Committed<Environment>> publish(
      Mutiny.Session session, Environment environment, Instant now) {
    OutboxRecord record =
        new OutboxRecord(
            Topics.ENVIRONMENTS,
            environment.id(),
            TYPE,
            environment.id(),
            EnvironmentRow.text(environment),
            now);
    return outbox
        .add(session, List.of(record))
        .map(position -> new Committed<>(environment, position));
  }

  /// @throws ApiException 404 when there is no row, or it is another workspace's
  static EnvironmentRow existing(@Nullable EnvironmentRow row, String id) {
    if (row == null || !row.workspaceId.equals(Envelope.DEFAULT_WORKSPACE)) {
      throw new ApiException(ApiError.notFound("There is no environment " + id + "."));
    }
    return row;
  }

  private static Throwable nameTaken(Throwable failure, Environment environment) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof ConstraintViolationException
          && String.valueOf(cause.getMessage()).contains(LIVE_NAME)) {
        return new ApiException(
            ApiError.conflict(
                "`name` is \"%s\", but another environment has that name."
                    .formatted(environment.name())));
      }
    }
    return failure;
  }
}
