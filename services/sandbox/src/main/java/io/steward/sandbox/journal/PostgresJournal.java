package io.steward.sandbox.journal;

import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import io.steward.schemas.sandbox.ToolResult;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/// The journal in the table `sandbox.tool_call`. Plain JDBC: its callers are virtual threads.
public final class PostgresJournal implements Journal {
  private static final String COLUMNS =
      "SELECT tool_use_id, session_id, workspace_id, owner, state, incarnation, started_at, outcome"
          + " FROM sandbox.tool_call ";
  private static final String INSERT =
      "INSERT INTO sandbox.tool_call (tool_use_id, session_id, workspace_id, owner, state,"
          + " incarnation, started_at, finished_at, outcome)"
          + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?::json) ON CONFLICT DO NOTHING";

  private final DataSource database;

  public PostgresJournal(DataSource database) {
    this.database = database;
  }

  @Override
  public Optional<Entry> find(String toolUseId) {
    return select("WHERE tool_use_id = ?", toolUseId).stream().findFirst();
  }

  @Override
  public boolean start(Call call, String incarnation, Instant at) {
    return update(INSERT, call, "started", incarnation, at, null, null) == 1;
  }

  @Override
  public boolean finishUnstarted(Call call, ToolResult result, Instant at) {
    return update(INSERT, call, "finished", null, at, at, json(result)) == 1;
  }

  @Override
  public boolean finish(ToolResult result, Instant at) {
    int changed =
        update(
            "UPDATE sandbox.tool_call SET state = 'finished', finished_at = ?, outcome = ?::json"
                + " WHERE tool_use_id = ? AND state = 'started'",
            at,
            json(result),
            result.toolUseId());
    return changed == 1;
  }

  @Override
  public void answered(String toolUseId) {
    update(
        "UPDATE sandbox.tool_call SET state = 'answered'"
            + " WHERE tool_use_id = ? AND state = 'finished'",
        toolUseId);
  }

  @Override
  public List<Entry.Started> started(String owner) {
    return only(
        select("WHERE owner = ? AND state = 'started' ORDER BY started_at", owner),
        Entry.Started.class);
  }

  @Override
  public List<Entry.Started> startedOf(SessionId session) {
    return only(
        select("WHERE session_id = ? AND state = 'started' ORDER BY started_at", session.value()),
        Entry.Started.class);
  }

  @Override
  public List<Entry.Finished> unanswered(String owner, Instant before) {
    return only(
        select(
            "WHERE owner = ? AND state = 'finished' AND finished_at < ?"
                + " ORDER BY finished_at LIMIT 100",
            owner,
            before),
        Entry.Finished.class);
  }

  @Override
  public void seen(String owner) {
    update(
        "INSERT INTO sandbox.instance (owner, seen_at) VALUES (?, now())"
            + " ON CONFLICT (owner) DO UPDATE SET seen_at = now()",
        owner);
  }

  @Override
  public List<Entry> abandoned(String by, Duration silence) {
    return select(
        "LEFT JOIN sandbox.instance USING (owner) WHERE owner <> ? AND state <> 'answered'"
            + " AND coalesce(seen_at, started_at) < now() - ? * interval '1 millisecond'"
            + " ORDER BY started_at LIMIT 100",
        by,
        silence.toMillis());
  }

  @Override
  public void forget(SessionId session) {
    update(
        "UPDATE sandbox.tool_call SET outcome = NULL, state = 'answered',"
            + " finished_at = coalesce(finished_at, now())"
            + " WHERE session_id = ? AND state <> 'started'",
        session.value());
  }

  @Override
  public int removeOld(Instant before) {
    int _ = update("DELETE FROM sandbox.instance WHERE seen_at < ?", before);
    return update(
        "DELETE FROM sandbox.tool_call WHERE state = 'answered' AND finished_at < ?", before);
  }

  private static <T extends Entry> List<T> only(List<Entry> entries, Class<T> type) {
    return entries.stream().filter(type::isInstance).map(type::cast).toList();
  }

  private static String json(ToolResult result) {
    return new String(Json.bytes(result), StandardCharsets.UTF_8);
  }

  private List<Entry> select(String where, Object... parameters) {
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(COLUMNS + where)) {
      bind(statement, parameters);
      List<Entry> entries = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          entries.add(entry(rows));
        }
      }
      return entries;
    } catch (SQLException e) {
      throw new JournalUnavailableException(e);
    }
  }

  private static Entry entry(ResultSet row) throws SQLException {
    Call call =
        new Call(
            row.getString("tool_use_id"),
            new SessionId(row.getString("session_id")),
            row.getString("workspace_id"),
            row.getString("owner"));
    String outcome = row.getString("outcome");
    if (row.getString("state").equals("started")) {
      return new Entry.Started(
          call,
          row.getString("incarnation"),
          row.getObject("started_at", OffsetDateTime.class).toInstant());
    }
    return outcome == null
        ? new Entry.Forgotten(call)
        : new Entry.Finished(
            call, Json.read(outcome.getBytes(StandardCharsets.UTF_8), ToolResult.class));
  }

  private int update(
      String sql,
      Call call,
      String state,
      @Nullable String incarnation,
      Instant startedAt,
      @Nullable Instant finishedAt,
      @Nullable String outcome) {
    return update(
        sql,
        call.toolUseId(),
        call.sessionId().value(),
        call.workspaceId(),
        call.owner(),
        state,
        incarnation,
        startedAt,
        finishedAt,
        outcome);
  }

  private int update(String sql, @Nullable Object... parameters) {
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      bind(statement, parameters);
      return statement.executeUpdate();
    } catch (SQLException e) {
      throw new JournalUnavailableException(e);
    }
  }

  private static void bind(PreparedStatement statement, @Nullable Object... parameters)
      throws SQLException {
    for (int i = 0; i < parameters.length; i++) {
      Object value = parameters[i];
      statement.setObject(i + 1, value instanceof Instant at ? at.atOffset(ZoneOffset.UTC) : value);
    }
  }
}
