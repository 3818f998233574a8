package io.steward.sessionlog.worker;

import io.agroal.api.AgroalDataSource;
import io.steward.schemas.id.SessionId;
import io.steward.sessionlog.project.PostgresErrors;
import io.steward.sessionlog.project.PostgresTransactions;
import io.steward.sessionlog.work.PostgresWorkTable;
import io.steward.sessionlog.work.WorkItem;
import io.steward.sessionlog.work.WorkItem.Outcome;
import io.steward.sessionlog.work.WorkState;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The work of all environments. A row is locked while what becomes of it is decided, so replicas
/// and workers take turns, and one of them wins.
@Singleton
class PostgresWork {
  private static final String SELECT = "SELECT " + PostgresWorkTable.COLUMNS;

  // Since this poll only sees committed rows, a row that another one holds is as good as gone.
  private static final String AVAILABLE =
      SELECT
          + " FROM work WHERE environment_id = ? AND state = 'queued'"
          + " AND (handed_out_at IS NULL OR handed_out_at <= ?)"
          + " ORDER BY queued_at, work_id LIMIT 1 FOR UPDATE SKIP LOCKED";

  private static final String DUE =
      SELECT + " FROM work WHERE due_at <= ? ORDER BY due_at LIMIT ? FOR UPDATE SKIP LOCKED";

  private static final String STATS =
      "SELECT count(*) FILTER (WHERE handed_out_at IS NULL),"
          + " count(*) FILTER (WHERE handed_out_at IS NOT NULL), min(queued_at),"
          + " (SELECT count(*) FROM work_poller WHERE environment_id = ? AND polled_at > ?)"
          + " FROM work WHERE environment_id = ? AND state = 'queued'";

  // A stopped item that is not its session's last one says nothing any more; the last one says how
  // far the session's records were looked at.
  private static final String FORGET =
      "DELETE FROM work AS w WHERE state = 'stopped' AND stopped_at < ? AND EXISTS"
          + " (SELECT 1 FROM work AS n WHERE n.session_id = w.session_id AND n.work_id <> w.work_id"
          + " AND n.read_to > w.read_to)";

  private final AgroalDataSource database;
  private final PostgresTransactions transactions;

  PostgresWork(AgroalDataSource database) {
    this.database = database;
    this.transactions = new PostgresTransactions(database);
  }

  /// A change of an item.
  ///
  /// @param queued whether something came into the queue of its environment
  record Changed(Outcome outcome, boolean queued) {}

  /// A place in the list, which has the newest item first.
  record Place(Instant createdAt, String workId) {}

  /// What became due.
  ///
  /// @param leasesLost how many items came back because their worker went silent
  /// @param environments in whose queue something came
  record Due(int leasesLost, Set<String> environments) {}

  /// An item and the hash of the token that was handed out with it.
  record Held(WorkItem item, String sha256) {}

  /// Gives the oldest available item to a poll.
  ///
  /// @param sha256 of the token that goes with it
  Optional<WorkItem> handOut(
      String environment, Instant now, Duration reclaimAfter, String sha256) {
    return transactions.callDurably(connection -> {
      Optional<WorkItem> found =
          first(connection, AVAILABLE, environment, utc(now.minus(reclaimAfter)));
      if (found.isEmpty()) {
        return found;
      }
      WorkItem item = found.get().handedOut(now);
      PostgresWorkTable.update(connection, item);
      update(connection, "UPDATE work SET token_sha256 = ? WHERE work_id = ?", sha256, item.id());
      return Optional.of(item);
    });
  }

  /// Changes an item of an environment.
  ///
  /// @return empty when there is no such item
  Optional<Changed> change(
      String environment, String id, Instant now, Function<WorkItem, Outcome> decide) {
    return transactions.callDurably(connection -> {
      Optional<WorkItem> found =
          first(
              connection,
              SELECT + " FROM work WHERE environment_id = ? AND work_id = ? FOR UPDATE",
              environment,
              id);
      if (found.isEmpty()) {
        return Optional.empty();
      }
      Outcome outcome = decide.apply(found.get());
      boolean queued =
          switch (outcome) {
            case Outcome.Done(WorkItem item) -> write(connection, found.get(), item, now);
            case Outcome.Beaten(WorkItem item, _) -> write(connection, found.get(), item, now);
            case Outcome.Refused _ -> false;
          };
      return Optional.of(new Changed(outcome, queued));
    });
  }

  /// Does what is due.
  ///
  /// @param max how many items, at most
  Due due(Instant now, int max) {
    return transactions.callDurably(connection -> {
      Set<String> environments = new HashSet<>();
      int lost = 0;
      for (WorkItem before : select(connection, DUE, PostgresWorkTable::item, utc(now), max)) {
        WorkItem after = before.due(now);
        boolean queued = write(connection, before, after, now);
        if (after.state() instanceof WorkState.Queued) {
          lost++;
          queued = true;
        }
        if (queued) {
          environments.add(before.environmentId());
        }
      }
      return new Due(lost, environments);
    });
  }

  /// An item of an environment.
  Optional<WorkItem> find(String environment, String id) {
    return query(connection ->
        first(
            connection,
            SELECT + " FROM work WHERE environment_id = ? AND work_id = ?",
            environment,
            id));
  }

  /// The newest item of a session.
  Optional<WorkItem> newest(SessionId session) {
    return query(connection ->
        first(
            connection,
            SELECT + " FROM work WHERE session_id = ? ORDER BY read_to DESC LIMIT 1",
            session.value()));
  }

  /// The item with which a token was handed out last.
  Optional<Held> handedOut(String sha256) {
    return query(connection ->
        first(connection, SELECT + " FROM work WHERE token_sha256 = ?", sha256)
            .map(item -> new Held(item, sha256)));
  }

  /// Those of the tokens whose items are neither over nor handed out again.
  Set<String> open(Collection<String> sha256s) {
    return query(connection ->
        Set.copyOf(
            select(
                connection,
                "SELECT token_sha256 FROM work WHERE token_sha256 = ANY (?)"
                    + " AND state <> 'stopped'",
                row -> row.getString(1),
                (Object) sha256s.toArray(new String[0]))));
  }

  /// Items of an environment, the newest first.
  ///
  /// @param behind where the list goes on, or null
  List<WorkItem> list(String environment, @Nullable Place behind, int rowsMax) {
    String order = " ORDER BY created_at DESC, work_id DESC LIMIT ?";
    return query(connection ->
        behind == null
            ? select(
                connection,
                SELECT + " FROM work WHERE environment_id = ?" + order,
                PostgresWorkTable::item,
                environment,
                rowsMax)
            : select(
                connection,
                SELECT
                    + " FROM work WHERE environment_id = ? AND (created_at, work_id) < (?, ?)"
                    + order,
                PostgresWorkTable::item,
                environment,
                utc(behind.createdAt()),
                behind.workId(),
                rowsMax));
  }

  /// Figures of a queue.
  ///
  /// @param since when a worker must have polled to count
  QueueStats stats(String environment, Instant since) {
    return query(connection ->
        select(
                connection,
                STATS,
                row -> {
                  OffsetDateTime oldest = row.getObject(3, OffsetDateTime.class);
                  return new QueueStats(
                      row.getInt(1),
                      row.getInt(2),
                      oldest == null ? null : oldest.toInstant(),
                      row.getInt(4));
                },
                environment,
                utc(since),
                environment)
            .getFirst());
  }

  /// Since when the item waits that has waited longest in any queue.
  Optional<Instant> oldestQueuedAt() {
    return query(connection ->
            select(
                    connection,
                    "SELECT min(queued_at) FROM work WHERE state = 'queued'",
                    row -> Optional.ofNullable(row.getObject(1, OffsetDateTime.class)))
                .getFirst())
        .map(OffsetDateTime::toInstant);
  }

  /// How many items wait in all queues, also those a poll got.
  int depth() {
    return query(connection ->
        select(connection, "SELECT count(*) FROM work WHERE state = 'queued'", row -> row.getInt(1))
            .getFirst());
  }

  /// Notes that a worker polled, unless too many others did.
  void polled(String environment, String worker, Instant now, int workersMax) {
    transactions.callDurably(connection ->
        update(
            connection,
            "INSERT INTO work_poller (environment_id, worker, polled_at) SELECT ?, ?, ? WHERE"
                + " (SELECT count(*) FROM work_poller WHERE environment_id = ? AND worker <> ?) < ?"
                + " ON CONFLICT (environment_id, worker) DO UPDATE SET polled_at ="
                + " greatest(work_poller.polled_at, excluded.polled_at)",
            environment,
            worker,
            utc(now),
            environment,
            worker,
            workersMax));
  }

  /// Removes what is of no use any more.
  void forget(Instant pollsBefore, Instant stoppedBefore) {
    transactions.callDurably(connection -> {
      update(connection, "DELETE FROM work_poller WHERE polled_at < ?", utc(pollsBefore));
      return update(connection, FORGET, utc(stoppedBefore));
    });
  }

  /// @return whether its successor came into the queue
  private static boolean write(Connection connection, WorkItem before, WorkItem after, Instant now)
      throws SQLException {
    if (after.equals(before)) {
      return false;
    }
    PostgresWorkTable.update(connection, after);
    Optional<WorkItem> successor = after.successor(now);
    return successor.isPresent() && PostgresWorkTable.insert(connection, successor.get());
  }

  private interface RowReader<T> {
    T read(ResultSet row) throws SQLException;
  }

  private <T> T query(PostgresTransactions.Work<T> sql) {
    try (Connection connection = database.getConnection()) {
      return sql.in(connection);
    } catch (SQLException e) {
      throw PostgresErrors.of(e);
    }
  }

  private static Optional<WorkItem> first(Connection connection, String sql, Object... values)
      throws SQLException {
    return select(connection, sql, PostgresWorkTable::item, values).stream().findFirst();
  }

  private static <T> List<T> select(
      Connection connection, String sql, RowReader<T> reader, Object... values)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) {
        if (values[i] instanceof String[] texts) {
          statement.setArray(i + 1, connection.createArrayOf("text", texts));
        } else {
          statement.setObject(i + 1, values[i]);
        }
      }
      try (ResultSet rows = statement.executeQuery()) {
        List<T> list = new ArrayList<>();
        while (rows.next()) {
          list.add(reader.read(rows));
        }
        return list;
      }
    }
  }

  private static int update(Connection connection, String sql, Object... values)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) {
        statement.setObject(i + 1, values[i]);
      }
      return statement.executeUpdate();
    }
  }

  private static OffsetDateTime utc(Instant time) {
    return time.atOffset(ZoneOffset.UTC);
  }
}
