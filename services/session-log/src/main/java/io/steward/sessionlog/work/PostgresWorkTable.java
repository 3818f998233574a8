package io.steward.sessionlog.work;

import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import io.steward.sessionlog.work.WorkState.Active;
import io.steward.sessionlog.work.WorkState.Queued;
import io.steward.sessionlog.work.WorkState.Starting;
import io.steward.sessionlog.work.WorkState.Stopped;
import io.steward.sessionlog.work.WorkState.Stopping;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Rows of the table `work`, within a transaction of the caller. Who changes an item has locked its
/// row before, so replicas take turns.
public final class PostgresWorkTable {
  /// The columns [#item] reads.
  public static final String COLUMNS =
      "work_id, workspace_id, environment_id, session_id, metadata, created_at, state, queued_at,"
          + " handed_out_at, acknowledged_at, started_at, latest_heartbeat_at, ttl_millis, due_at,"
          + " stop_requested_at, stopped_at, failed, read_to, asked_at, covered_to, needed";

  private static final String NEWEST =
      "SELECT "
          + COLUMNS
          + " FROM work WHERE session_id = ?"
          + " ORDER BY (state <> 'stopped') DESC, read_to DESC, asked_at DESC LIMIT 1 FOR UPDATE";

  private static final String INSERT =
      "INSERT INTO work ("
          + COLUMNS
          + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
          + " ON CONFLICT DO NOTHING";

  private static final String UPDATE =
      "UPDATE work SET metadata = ?, state = ?, queued_at = ?, handed_out_at = ?,"
          + " acknowledged_at = ?, started_at = ?, latest_heartbeat_at = ?, ttl_millis = ?,"
          + " due_at = ?, stop_requested_at = ?, stopped_at = ?, failed = ?, read_to = ?,"
          + " asked_at = ?, covered_to = ?, needed = ? WHERE work_id = ?";

  /// A successor may come between a look and a lock; it is found the next time.
  private static final int LOOKS_MAX = 5;

  private PostgresWorkTable() {}

  /// Brings the queue up to what a session's records say.
  public static void follow(Connection connection, Demand demand) throws SQLException {
    for (int look = 0; look < LOOKS_MAX; look++) {
      WorkItem.Followed followed = WorkItem.follow(newest(connection, demand.session()), demand);
      WorkItem changed = followed.item();
      if (changed != null) {
        update(connection, changed);
      }
      WorkItem queued = followed.queued();
      if (queued == null || insert(connection, queued)) {
        return;
      }
    }
  }

  /// Adds an item.
  ///
  /// @return false when its session has a live one, or this one was there before
  public static boolean insert(Connection connection, WorkItem item) throws SQLException {
    try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
      insert.setString(1, item.id());
      insert.setString(2, item.workspaceId());
      insert.setString(3, item.environmentId());
      insert.setString(4, item.sessionId().value());
      insert.setString(5, json(item.metadata()));
      set(insert, 6, item.createdAt());
      int next = state(insert, 7, item);
      need(insert, next, item.need());
      return insert.executeUpdate() == 1;
    }
  }

  /// Writes an item whose row is locked.
  public static void update(Connection connection, WorkItem item) throws SQLException {
    try (PreparedStatement update = connection.prepareStatement(UPDATE)) {
      update.setString(1, json(item.metadata()));
      int next = state(update, 2, item);
      next = need(update, next, item.need());
      update.setString(next, item.id());
      update.executeUpdate();
    }
  }

  /// The item in a row.
  public static WorkItem item(ResultSet row) throws SQLException {
    Map<String, String> metadata = new HashMap<>();
    Json.tree(row.getString("metadata").getBytes(StandardCharsets.UTF_8))
        .properties()
        .forEach(pair -> metadata.put(pair.getKey(), pair.getValue().textValue()));
    return new WorkItem(
        row.getString("work_id"),
        row.getString("workspace_id"),
        row.getString("environment_id"),
        new SessionId(row.getString("session_id")),
        metadata,
        at(row, "created_at"),
        state(row),
        new Need(
            row.getLong("read_to"),
            row.getLong("asked_at"),
            row.getLong("covered_to"),
            row.getBoolean("needed")));
  }

  private static @Nullable WorkItem newest(Connection connection, SessionId session)
      throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(NEWEST)) {
      select.setString(1, session.value());
      try (ResultSet rows = select.executeQuery()) {
        return rows.next() ? item(rows) : null;
      }
    }
  }

  private static WorkState state(ResultSet row) throws SQLException {
    String name = row.getString("state");
    return switch (name) {
      case "queued" -> new Queued(at(row, "queued_at"), instant(row, "handed_out_at"));
      case "starting" -> new Starting(Objects.requireNonNull(lease(row)));
      case "active" -> new Active(Objects.requireNonNull(lease(row)));
      case "stopping" -> new Stopping(lease(row), at(row, "stop_requested_at"), at(row, "due_at"));
      case "stopped" ->
          new Stopped(
              lease(row),
              instant(row, "stop_requested_at"),
              at(row, "stopped_at"),
              row.getBoolean("failed"));
      default -> throw new SQLException("unknown state " + name);
    };
  }

  private static @Nullable Lease lease(ResultSet row) throws SQLException {
    Instant acknowledgedAt = instant(row, "acknowledged_at");
    return acknowledgedAt == null
        ? null
        : new Lease(
            acknowledgedAt,
            instant(row, "started_at"),
            instant(row, "latest_heartbeat_at"),
            Duration.ofMillis(row.getLong("ttl_millis")));
  }

  /// Fills `state` to `failed`.
  private static int state(PreparedStatement statement, int from, WorkItem item)
      throws SQLException {
    WorkState state = item.state();
    Lease lease = state.lease();
    statement.setString(from, state.wireName());
    set(statement, from + 1, state instanceof Queued queued ? queued.since() : null);
    set(statement, from + 2, state instanceof Queued queued ? queued.handedOutAt() : null);
    set(statement, from + 3, lease == null ? null : lease.acknowledgedAt());
    set(statement, from + 4, lease == null ? null : lease.startedAt());
    set(statement, from + 5, lease == null ? null : lease.latestHeartbeatAt());
    statement.setObject(from + 6, lease == null ? null : lease.ttl().toMillis(), Types.BIGINT);
    set(statement, from + 7, state.dueAt());
    set(statement, from + 8, state.stopRequestedAt());
    set(statement, from + 9, state instanceof Stopped stopped ? stopped.stoppedAt() : null);
    statement.setBoolean(from + 10, state instanceof Stopped stopped && stopped.failed());
    return from + 11;
  }

  private static int need(PreparedStatement statement, int from, Need need) throws SQLException {
    statement.setLong(from, need.readTo());
    statement.setLong(from + 1, need.askedAt());
    statement.setLong(from + 2, need.coveredTo());
    statement.setBoolean(from + 3, need.now());
    return from + 4;
  }

  private static void set(PreparedStatement statement, int index, @Nullable Instant time)
      throws SQLException {
    statement.setObject(
        index, time == null ? null : time.atOffset(ZoneOffset.UTC), Types.TIMESTAMP_WITH_TIMEZONE);
  }

  private static Instant at(ResultSet row, String column) throws SQLException {
    return Objects.requireNonNull(instant(row, column), column);
  }

  private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
    OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
    return time == null ? null : time.toInstant();
  }

  private static String json(Map<String, String> metadata) {
    return new String(Json.bytes(metadata), StandardCharsets.UTF_8);
  }
}
