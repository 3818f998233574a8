package io.steward.sessionlog.list;

import io.agroal.api.AgroalDataSource;
import io.steward.sessionlog.project.PostgresErrors;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/// Reads lists from the tables of the projection.
@Singleton
class PostgresLists {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private final AgroalDataSource database;

  PostgresLists(AgroalDataSource database) {
    this.database = database;
  }

  record EventRow(boolean queued, long offset, int index, String body) {}

  record SessionRow(String id, Instant createdAt, String agent, String summary) {}

  /// One row more than the page holds, when there is one.
  List<EventRow> events(EventQuery query) {
    Sql sql =
        new Sql(
                "SELECT processed_at IS NULL, record_offset, record_index, body"
                    + " FROM session_event WHERE session_id = ?")
            .add("", query.session().value());
    if (!query.types().isEmpty()) {
      sql.add(" AND type = ANY (?)", query.types());
    }
    TimeRange range = query.range();
    range.after().ifPresent(time -> sql.add(" AND processed_at > ?", nanos(time)));
    range.from().ifPresent(time -> sql.add(" AND processed_at >= ?", nanos(time)));
    range.before().ifPresent(time -> sql.add(" AND processed_at < ?", nanos(time)));
    range.to().ifPresent(time -> sql.add(" AND processed_at <= ?", nanos(time)));
    String direction = query.ascending() ? " ASC" : " DESC";
    query
        .after()
        .ifPresent(cursor ->
            sql.add(
                " AND ((processed_at IS NULL), record_offset, record_index) "
                    + (query.ascending() ? ">" : "<")
                    + " (?, ?, ?)",
                cursor.queued(),
                cursor.offset(),
                cursor.index()));
    sql.add(
        " ORDER BY (processed_at IS NULL)"
            + direction
            + ", record_offset"
            + direction
            + ", record_index"
            + direction
            + " LIMIT ?",
        query.limit() + 1);
    return select(
        sql,
        row -> new EventRow(row.getBoolean(1), row.getLong(2), row.getInt(3), row.getString(4)));
  }

  /// One row more than the page holds, when there is one; in the order of the search, which goes
  /// backwards for a page before its cursor.
  List<SessionRow> sessions(SessionListQuery query) {
    Sql sql =
        new Sql("SELECT session_id, created_at, agent, summary FROM session WHERE NOT deleted");
    query.agentId().ifPresent(id -> sql.add(" AND agent_id = ?", id));
    query.agentVersion().ifPresent(version -> sql.add(" AND agent_version = ?", version));
    if (!query.statuses().isEmpty()) {
      sql.add(" AND status = ANY (?)", query.statuses());
    }
    if (!query.includeArchived()) {
      sql.add(" AND NOT archived");
    }
    if (query.matchesNone()) {
      sql.add(" AND false");
    }
    TimeRange range = query.range();
    range.after().ifPresent(time -> sql.add(" AND created_at > ?", utc(time)));
    range.from().ifPresent(time -> sql.add(" AND created_at >= ?", utc(time)));
    range.before().ifPresent(time -> sql.add(" AND created_at < ?", utc(time)));
    range.to().ifPresent(time -> sql.add(" AND created_at <= ?", utc(time)));
    boolean up = query.ascending() == query.forward();
    query
        .cursor()
        .ifPresent(cursor ->
            sql.add(
                " AND (created_at, session_id) " + (up ? ">" : "<") + " (?, ?)",
                utc(cursor.createdAt()),
                cursor.id()));
    String direction = up ? " ASC" : " DESC";
    sql.add(
        " ORDER BY created_at" + direction + ", session_id" + direction + " LIMIT ?",
        query.limit() + 1);
    return select(
        sql,
        row ->
            new SessionRow(
                row.getString(1),
                row.getObject(2, OffsetDateTime.class).toInstant(),
                row.getString(3),
                row.getString(4)));
  }

  private interface RowReader<T> {
    T read(ResultSet row) throws SQLException;
  }

  private <T> List<T> select(Sql sql, RowReader<T> reader) {
    try (Connection connection = database.getConnection();
        PreparedStatement statement = sql.prepare(connection);
        ResultSet rows = statement.executeQuery()) {
      List<T> list = new ArrayList<>();
      while (rows.next()) {
        list.add(reader.read(rows));
      }
      return list;
    } catch (SQLException e) {
      throw PostgresErrors.of(e);
    }
  }

  private static OffsetDateTime utc(Instant time) {
    return time.atOffset(ZoneOffset.UTC);
  }

  private static long nanos(Instant time) {
    try {
      return Math.addExact(
          Math.multiplyExact(time.getEpochSecond(), NANOS_PER_SECOND), time.getNano());
    } catch (ArithmeticException e) {
      return time.getEpochSecond() < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
    }
  }
}
