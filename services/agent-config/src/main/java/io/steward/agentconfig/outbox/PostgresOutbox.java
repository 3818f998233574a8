package io.steward.agentconfig.outbox;

import io.smallrye.mutiny.Uni;
import io.steward.agentconfig.postgres.PostgresTransactions;
import io.steward.schemas.id.Ids;
import io.steward.schemas.kafka.Envelope;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.hibernate.reactive.mutiny.Mutiny;

/// The outbox table.
@ApplicationScoped
public class PostgresOutbox {
  /// Only one replica publishes at a time; the number is the service's own, drawn once.
  private static final String LOCK = "select pg_advisory_xact_lock(7216394501)";

  /// How long a transaction may take that publishes.
  static final Duration DRAIN_TIME_MAX = Duration.ofSeconds(30);

  private final PostgresTransactions transactions;

  PostgresOutbox(PostgresTransactions transactions) {
    this.transactions = transactions;
  }

  /// @param found how many rows were handed out
  /// @param published how many of them are on Kafka now
  record Drained(int found, int published) {
    boolean complete() {
      return found == published;
    }
  }

  /// Adds records in the caller's transaction and gives the position of the last one.
  ///
  /// @param records at least one, in the order they are to be published
  public Uni<Long> add(Mutiny.Session session, List<OutboxRecord> records) {
    List<OutboxRow> rows =
        records.stream()
            .map(record -> new OutboxRow(Ids.random("rec_"), Envelope.DEFAULT_WORKSPACE, record))
            .toList();
    Uni<Void> stored = Uni.createFrom().voidItem();
    for (OutboxRow row : rows) {
      stored = stored.chain(() -> session.persist(row).chain(session::flush));
    }
    return stored.map(_ -> Objects.requireNonNull(rows.getLast().position));
  }

  /// The position of the last record with this key that is not known to be on Kafka yet, 0 when
  /// there is none.
  public Uni<Long> unpublished(Mutiny.Session session, String topic, String key) {
    return session
        .createSelectionQuery(
            "select coalesce(max(position), 0L) from OutboxRow where topic = :topic and recordKey ="
                + " :key",
            Long.class)
        .setParameter("topic", topic)
        .setParameter("key", key)
        .getSingleResult();
  }

  /// Hands the oldest rows to `publish` and removes as many of them as it says were published, from
  /// the first on. No other replica publishes meanwhile.
  ///
  /// @param publish may wait; it runs on `executor`
  Drained drain(int rowsMax, Executor executor, Function<List<OutboxRow>, Integer> publish) {
    return transactions.call(
        session ->
            session
                .createNativeQuery(LOCK, Object.class)
                .getSingleResultOrNull()
                .chain(() -> oldest(session, rowsMax))
                .chain(rows -> published(session, rows, executor, publish)),
        DRAIN_TIME_MAX);
  }

  private static Uni<List<OutboxRow>> oldest(Mutiny.Session session, int rowsMax) {
    return session
        .createSelectionQuery("from OutboxRow order by position", OutboxRow.class)
        .setMaxResults(rowsMax)
        .getResultList();
  }

  private static Uni<Drained> published(
      Mutiny.Session session,
      List<OutboxRow> rows,
      Executor executor,
      Function<List<OutboxRow>, Integer> publish) {
    // The session belongs to this context: what follows the wait for Kafka has to come back to it.
    Context context = Objects.requireNonNull(Vertx.currentContext());
    return Uni.createFrom()
        .completionStage(() -> CompletableFuture.supplyAsync(() -> publish.apply(rows), executor))
        .emitOn(command -> context.runOnContext(_ -> command.run()))
        .chain(count ->
            count == 0
                ? Uni.createFrom().item(new Drained(rows.size(), count))
                : session
                    .createMutationQuery("delete from OutboxRow where position in :positions")
                    .setParameter(
                        "positions",
                        rows.subList(0, count).stream().map(row -> row.position).toList())
                    .executeUpdate()
                    .replaceWith(new Drained(rows.size(), count)));
  }
}
