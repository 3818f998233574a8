package io.steward.agentconfig.environments;

import io.smallrye.mutiny.Uni;
import io.steward.agentconfig.http.Cursor;
import io.steward.agentconfig.outbox.Committed;
import io.steward.agentconfig.outbox.OutboxRecord;
import io.steward.agentconfig.outbox.PostgresOutbox;
import io.steward.agentconfig.postgres.PostgresTransactions;
import io.steward.schemas.agent.EnvironmentKey;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.Topics;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// The keys of self-hosted environments.
@ApplicationScoped
class PostgresEnvironmentKeys {
  private final PostgresTransactions transactions;
  private final PostgresOutbox outbox;

  PostgresEnvironmentKeys(PostgresTransactions transactions, PostgresOutbox outbox) {
    this.transactions = transactions;
    this.outbox = outbox;
  }

  /// Counts and adds under the lock of the environment's row.
  ///
  /// @throws ApiException 404 when there is no such environment, or what [KeyRules] refuse with
  Committed<EnvironmentKey> create(EnvironmentKey key, Instant now) {
    OutboxRecord record = record(key.environmentId(), key.id(), text(key), now);
    return transactions.call(session ->
        session
            .find(EnvironmentRow.class, key.environmentId(), LockModeType.PESSIMISTIC_WRITE)
            .map(row -> PostgresEnvironments.existing(row, key.environmentId()).environment())
            .chain(environment ->
                count(session, environment.id())
                    .invoke(count -> KeyRules.requireRoom(environment, count)))
            .chain(() -> session.persist(new EnvironmentKeyRow(key)))
            .chain(session::flush)
            .chain(() -> outbox.add(session, List.of(record)))
            .map(position -> new Committed<>(key, position)));
  }

  /// One more than the page holds, newest first.
  ///
  /// @param after the last key of the page before, or null for the first page
  /// @throws ApiException 404 when there is no such environment
  List<EnvironmentKey> list(String environmentId, @Nullable Cursor after, int limit) {
    StringBuilder query =
        new StringBuilder("from EnvironmentKeyRow where environmentId = :environment");
    Map<String, Object> parameters = new HashMap<>();
    parameters.put("environment", environmentId);
    if (after != null) {
      query.append(" and (createdAt < :at or (createdAt = :at and id < :id))");
      parameters.put("at", after.createdAt());
      parameters.put("id", after.id());
    }
    query.append(" order by createdAt desc, id desc");
    List<EnvironmentKeyRow> rows =
        transactions.call(session ->
            session
                .find(EnvironmentRow.class, environmentId)
                .chain(row -> {
                  PostgresEnvironments.existing(row, environmentId);
                  var selection =
                      session.createSelectionQuery(query.toString(), EnvironmentKeyRow.class);
                  parameters.forEach(selection::setParameter);
                  return selection.setMaxResults(limit + 1).getResultList();
                }));
    return rows.stream().map(EnvironmentKeyRow::key).toList();
  }

  /// Removes a key. Asked again while its tombstone is not yet on Kafka, it gives the same
  /// position: nobody may take the key for revoked before it is.
  ///
  /// @throws ApiException 404 when there is no such environment, or no such key of it
  Committed<String> delete(String environmentId, String id, Instant now) {
    OutboxRecord tombstone = record(environmentId, id, null, now);
    return transactions.call(session ->
        session
            .find(EnvironmentRow.class, environmentId)
            .invoke(row -> PostgresEnvironments.existing(row, environmentId))
            .chain(() ->
                session
                    .createMutationQuery(
                        "delete from EnvironmentKeyRow where id = :id and environmentId = :environment")
                    .setParameter("id", id)
                    .setParameter("environment", environmentId)
                    .executeUpdate())
            .chain(deleted ->
                deleted == 0
                    ? outbox.unpublished(session, tombstone.topic(), tombstone.key())
                    : outbox.add(session, List.of(tombstone)))
            .map(position -> {
              if (position == 0) {
                throw new ApiException(
                    ApiError.notFound(
                        "Environment %s has no key %s.".formatted(environmentId, id)));
              }
              return new Committed<>(id, position);
            }));
  }

  /// Removes all keys of an environment in the caller's transaction, which holds the lock of its
  /// row, and gives their tombstones.
  Uni<List<OutboxRecord>> removeAll(Mutiny.Session session, String environmentId, Instant now) {
    return session
        .createSelectionQuery(
            "select id from EnvironmentKeyRow where environmentId = :environment", String.class)
        .setParameter("environment", environmentId)
        .getResultList()
        .chain(ids ->
            session
                .createMutationQuery(
                    "delete from EnvironmentKeyRow where environmentId = :environment")
                .setParameter("environment", environmentId)
                .executeUpdate()
                .replaceWith(
                    ids.stream().map(id -> record(environmentId, id, null, now)).toList()));
  }

  private static Uni<Long> count(Mutiny.Session session, String environmentId) {
    return session
        .createSelectionQuery(
            "select count(*) from EnvironmentKeyRow where environmentId = :environment", Long.class)
        .setParameter("environment", environmentId)
        .getSingleResult();
  }

  private static String text(EnvironmentKey key) {
    return new String(Json.bytes(key), StandardCharsets.UTF_8);
  }

  private static OutboxRecord record(
      String environmentId, String id, @Nullable String document, Instant now) {
    return new OutboxRecord(
        Topics.ENVIRONMENTS, environmentId + "/" + id, EnvironmentKey.TYPE, id, document, now);
  }
}
