package io.steward.agentconfig.agents;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import io.smallrye.mutiny.Uni;
import io.steward.agentconfig.outbox.Committed;
import io.steward.agentconfig.outbox.OutboxRecord;
import io.steward.agentconfig.outbox.PostgresOutbox;
import io.steward.agentconfig.postgres.PostgresTransactions;
import io.steward.schemas.agent.Agent;
import io.steward.schemas.agent.rules.AgentLookup;
import io.steward.schemas.agent.rules.AgentLookup.Wanted;
import io.steward.schemas.agent.rules.AgentRules;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.Envelope;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.model.ModelCatalog;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// The agents of the workspace with all their versions.
@ApplicationScoped
class PostgresAgents {
  private final PostgresTransactions transactions;
  private final PostgresOutbox outbox;
  private final ModelCatalog catalog;

  PostgresAgents(PostgresTransactions transactions, PostgresOutbox outbox, ModelCatalog catalog) {
    this.transactions = transactions;
    this.outbox = outbox;
    this.catalog = catalog;
  }

  /// The head record of an agent on the topic `agents`.
  record Head(
      String id,
      int version,
      @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable Instant archivedAt) {}

  Committed<Agent> create(JsonNode body, String id, Instant now) {
    return transactions.call(session ->
        lookup(session, AgentRules.references(body, null))
            .map(lookup -> AgentRules.create(body, id, now, lookup, catalog))
            .chain(agent ->
                session
                    .persist(new AgentRow(agent))
                    .chain(session::flush)
                    .chain(() -> session.persist(new AgentVersionRow(agent)))
                    .chain(() -> publish(session, agent, now))));
  }

  /// Applies a change under the lock of the agent's row.
  ///
  /// @throws ApiException 404 when there is no such agent, or what the change refuses with
  Committed<Agent> change(String id, AgentChange change, Instant now) {
    return transactions.call(session ->
        session
            .find(AgentRow.class, id, LockModeType.PESSIMISTIC_WRITE)
            .chain(row -> version(session, head(row, id), head(row, id).version))
            .chain(current ->
                lookup(session, change.references(current))
                    .map(lookup -> change.apply(current, lookup, catalog))
                    .chain(next ->
                        next == current
                            ? Uni.createFrom().item(Committed.unchanged(current))
                            : store(session, current, next, now))));
  }

  /// One version of an agent, the newest when `version` is null.
  ///
  /// @throws ApiException 404 when there is no such agent or version
  Agent find(String id, @Nullable Integer version) {
    return transactions.call(session ->
        session
            .find(AgentRow.class, id)
            .chain(
                row -> version(session, head(row, id), version == null ? row.version : version)));
  }

  /// One more than the page holds, newest first, so that the caller sees whether there is more.
  List<Agent> list(AgentFilter filter) {
    StringBuilder query =
        new StringBuilder(
            """
            select v, a.archivedAt from AgentRow a
            join AgentVersionRow v on v.agentId = a.id and v.version = a.version
            where a.workspaceId = :workspace\
            """);
    Map<String, Object> parameters = new HashMap<>();
    parameters.put("workspace", Envelope.DEFAULT_WORKSPACE);
    if (!filter.includeArchived()) {
      query.append(" and a.archivedAt is null");
    }
    if (filter.createdFrom() != null) {
      query.append(" and a.createdAt >= :from");
      parameters.put("from", filter.createdFrom());
    }
    if (filter.createdTo() != null) {
      query.append(" and a.createdAt <= :to");
      parameters.put("to", filter.createdTo());
    }
    if (filter.after() != null) {
      query.append(" and (a.createdAt < :at or (a.createdAt = :at and a.id < :id))");
      parameters.put("at", filter.after().createdAt());
      parameters.put("id", filter.after().id());
    }
    query.append(" order by a.createdAt desc, a.id desc");
    List<Object[]> rows =
        transactions.call(session -> {
          var selection = session.createSelectionQuery(query.toString(), Object[].class);
          parameters.forEach(selection::setParameter);
          return selection.setMaxResults(filter.limit() + 1).getResultList();
        });
    return rows.stream().map(row -> ((AgentVersionRow) row[0]).agent((Instant) row[1])).toList();
  }

  /// Versions of an agent below `before`, newest first, one more than `limit`.
  ///
  /// @throws ApiException 404 when there is no such agent
  List<Agent> versions(String id, int before, int limit) {
    return transactions.call(session ->
        session
            .find(AgentRow.class, id)
            .chain(row -> {
              Instant archivedAt = head(row, id).archivedAt;
              return session
                  .createSelectionQuery(
                      "from AgentVersionRow where agentId = :id and version < :before"
                          + " order by version desc",
                      AgentVersionRow.class)
                  .setParameter("id", id)
                  .setParameter("before", before)
                  .setMaxResults(limit + 1)
                  .getResultList()
                  .map(rows -> rows.stream().map(v -> v.agent(archivedAt)).toList());
            }));
  }

  private Uni<Committed<Agent>> store(
      Mutiny.Session session, Agent current, Agent next, Instant now) {
    Uni<Void> versionStored =
        next.version() == current.version()
            ? Uni.createFrom().voidItem()
            : session.persist(new AgentVersionRow(next));
    return versionStored
        .chain(() -> session.find(AgentRow.class, next.id()))
        .invoke(row -> {
          row.version = next.version();
          row.archivedAt = next.archivedAt();
        })
        .chain(() -> publish(session, next, now));
  }

  private Uni<Committed<Agent>> publish(Mutiny.Session session, Agent agent, Instant now) {
    Head head = new Head(agent.id(), agent.version(), agent.archivedAt());
    String versionKey = AgentVersionRow.key(agent.id(), agent.version());
    return outbox
        .add(
            session,
            List.of(
                record(agent.id(), versionKey, "agent.version", agent, now),
                record(agent.id(), agent.id(), "agent.head", head, now)))
        .map(position -> new Committed<>(agent, position));
  }

  private static OutboxRecord record(
      String agentId, String key, String type, Object value, Instant now) {
    String document = new String(Json.bytes(value), StandardCharsets.UTF_8);
    return new OutboxRecord(Topics.AGENTS, key, type, agentId, document, now);
  }

  private static AgentRow head(@Nullable AgentRow row, String id) {
    if (row == null || !row.workspaceId.equals(Envelope.DEFAULT_WORKSPACE)) {
      throw new ApiException(ApiError.notFound("There is no agent " + id + "."));
    }
    return row;
  }

  private static Uni<Agent> version(Mutiny.Session session, AgentRow head, int version) {
    return session
        .find(AgentVersionRow.class, AgentVersionRow.key(head.id, version))
        .map(row -> {
          if (row == null) {
            throw new ApiException(
                ApiError.notFound("Agent %s has no version %d.".formatted(head.id, version)));
          }
          return row.agent(head.archivedAt);
        });
  }

  private static Uni<AgentLookup> lookup(Mutiny.Session session, List<Wanted> references) {
    Map<Wanted, Agent> found = new HashMap<>();
    Uni<Void> loaded = Uni.createFrom().voidItem();
    for (Wanted wanted : new ArrayList<>(references)) {
      loaded =
          loaded.chain(() ->
              referenced(session, wanted)
                  .invoke(agent -> agent.ifPresent(value -> found.put(wanted, value)))
                  .replaceWithVoid());
    }
    return loaded.map(
        _ -> (id, version) -> Optional.ofNullable(found.get(new Wanted(id, version))));
  }

  private static Uni<Optional<Agent>> referenced(Mutiny.Session session, Wanted wanted) {
    return session
        .find(AgentRow.class, wanted.id())
        .chain(head -> {
          if (head == null || !head.workspaceId.equals(Envelope.DEFAULT_WORKSPACE)) {
            return Uni.createFrom().item(Optional.empty());
          }
          int version = wanted.version() == null ? head.version : wanted.version();
          return session
              .find(AgentVersionRow.class, AgentVersionRow.key(head.id, version))
              .map(row -> Optional.ofNullable(row).map(v -> v.agent(head.archivedAt)));
        });
  }
}
