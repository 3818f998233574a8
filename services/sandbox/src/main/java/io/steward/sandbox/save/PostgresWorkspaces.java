package io.steward.sandbox.save;

import io.steward.schemas.id.SessionId;
import java.io.IOException;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import javax.sql.DataSource;

/// Uses of files in the table `sandbox.workspace`.
public final class PostgresWorkspaces implements Workspaces {
  private static final String USE =
      "INSERT INTO sandbox.workspace (session_id) VALUES (?) ON CONFLICT (session_id)"
          + " DO UPDATE SET used_at = now(), present = true RETURNING generation, unused_days";
  private static final String USING =
      "UPDATE sandbox.workspace SET used_at = now() WHERE session_id = ANY (?)";
  private static final String KNOW =
      "INSERT INTO sandbox.workspace (session_id) SELECT unnest(?) ON CONFLICT DO NOTHING";
  private static final String GENERATIONS =
      "SELECT session_id, generation FROM sandbox.workspace WHERE session_id = ANY (?)";
  private static final String TOLD =
      "UPDATE sandbox.workspace SET unused_days = NULL WHERE session_id = ?";
  private static final String UNUSED =
      "SELECT session_id FROM sandbox.workspace"
          + " WHERE present AND leftover IS NULL AND used_at < now() - make_interval(secs => ?)"
          + " ORDER BY used_at LIMIT ?";
  private static final String REMOVE =
      "UPDATE sandbox.workspace SET present = false, leftover = generation,"
          + " generation = generation + 1,"
          + " unused_days = extract(epoch FROM now() - used_at)::bigint / 86400"
          + " WHERE session_id = ? AND present AND leftover IS NULL"
          + " AND used_at < now() - make_interval(secs => ?)"
          + " RETURNING leftover, used_at";
  private static final String FORGET_NEWEST =
      "DELETE FROM sandbox.save_point WHERE session_id = ? RETURNING number, manifest_key";
  private static final String LEFTOVERS =
      "SELECT session_id, leftover FROM sandbox.workspace WHERE leftover IS NOT NULL LIMIT ?";
  private static final String CLEARED =
      "UPDATE sandbox.workspace SET leftover = NULL WHERE session_id = ?";
  private static final String FORGET = "DELETE FROM sandbox.workspace WHERE session_id = ?";

  private final DataSource database;

  public PostgresWorkspaces(DataSource database) {
    this.database = database;
  }

  private interface Work<T> {
    T with(Connection connection) throws SQLException;
  }

  private <T> T connected(Work<T> work) throws IOException {
    try (Connection connection = database.getConnection()) {
      return work.with(connection);
    } catch (SQLException e) {
      throw new IOException(e);
    }
  }

  @Override
  public Use use(SessionId session) throws IOException {
    return connected(connection -> {
      try (PreparedStatement statement = connection.prepareStatement(USE)) {
        statement.setString(1, session.value());
        try (ResultSet row = statement.executeQuery()) {
          row.next();
          int days = row.getInt("unused_days");
          OptionalInt unusedDays = row.wasNull() ? OptionalInt.empty() : OptionalInt.of(days);
          return new Use(row.getLong("generation"), unusedDays);
        }
      }
    });
  }

  @Override
  public void using(Collection<SessionId> sessions) throws IOException {
    connected(connection -> update(connection, USING, ids(connection, sessions)));
  }

  @Override
  public Map<SessionId, Long> know(Collection<SessionId> sessions) throws IOException {
    return connected(connection -> {
      Array ids = ids(connection, sessions);
      update(connection, KNOW, ids);
      try (PreparedStatement statement = connection.prepareStatement(GENERATIONS)) {
        statement.setObject(1, ids);
        return generations(statement);
      }
    });
  }

  private static Array ids(Connection connection, Collection<SessionId> sessions)
      throws SQLException {
    return connection.createArrayOf("text", sessions.stream().map(SessionId::value).toArray());
  }

  private static int update(Connection connection, String sql, Object parameter)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setObject(1, parameter);
      return statement.executeUpdate();
    }
  }

  private static Map<SessionId, Long> generations(PreparedStatement statement) throws SQLException {
    Map<SessionId, Long> generations = new HashMap<>();
    try (ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        generations.put(new SessionId(rows.getString(1)), rows.getLong(2));
      }
    }
    return generations;
  }

  @Override
  public void told(SessionId session) throws IOException {
    connected(connection -> update(connection, TOLD, session.value()));
  }

  @Override
  public List<SessionId> unused(Duration kept, int most) throws IOException {
    return connected(connection -> {
      List<SessionId> unused = new ArrayList<>();
      try (PreparedStatement statement = connection.prepareStatement(UNUSED)) {
        statement.setDouble(1, kept.toSeconds());
        statement.setInt(2, most);
        try (ResultSet rows = statement.executeQuery()) {
          while (rows.next()) {
            unused.add(new SessionId(rows.getString(1)));
          }
        }
      }
      return unused;
    });
  }

  @Override
  public Optional<Removed> remove(SessionId session, Duration kept) throws IOException {
    return connected(connection -> {
      connection.setAutoCommit(false);
      try {
        Optional<Removed> removed = remove(connection, session, kept);
        connection.commit();
        return removed;
      } catch (SQLException e) {
        connection.rollback();
        throw e;
      } finally {
        connection.setAutoCommit(true);
      }
    });
  }

  private static Optional<Removed> remove(Connection connection, SessionId session, Duration kept)
      throws SQLException {
    long generation;
    Instant usedAt;
    try (PreparedStatement statement = connection.prepareStatement(REMOVE)) {
      statement.setString(1, session.value());
      statement.setDouble(2, kept.toSeconds());
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          return Optional.empty();
        }
        generation = row.getLong("leftover");
        usedAt = row.getObject("used_at", OffsetDateTime.class).toInstant();
      }
    }
    try (PreparedStatement statement = connection.prepareStatement(FORGET_NEWEST)) {
      statement.setString(1, session.value());
      try (ResultSet row = statement.executeQuery()) {
        Optional<Heads.Head> newest =
            row.next()
                ? Optional.of(new Heads.Head(row.getLong("number"), row.getString("manifest_key")))
                : Optional.empty();
        return Optional.of(new Removed(generation, newest, usedAt));
      }
    }
  }

  @Override
  public Map<SessionId, Long> leftovers(int most) throws IOException {
    return connected(connection -> {
      try (PreparedStatement statement = connection.prepareStatement(LEFTOVERS)) {
        statement.setInt(1, most);
        return generations(statement);
      }
    });
  }

  @Override
  public void cleared(SessionId session) throws IOException {
    connected(connection -> update(connection, CLEARED, session.value()));
  }

  @Override
  public long generation(SessionId session) throws IOException {
    return connected(connection -> {
      try (PreparedStatement statement = connection.prepareStatement(GENERATIONS)) {
        statement.setObject(1, ids(connection, List.of(session)));
        return generations(statement).getOrDefault(session, 0L);
      }
    });
  }

  @Override
  public void forget(SessionId session) throws IOException {
    connected(connection -> update(connection, FORGET, session.value()));
  }
}
