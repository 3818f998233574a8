package io.steward.vaultproxy.repository;

import io.steward.schemas.egress.EgressCommand.CloneRepository;
import io.steward.schemas.egress.RepositoryResult;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import io.steward.vaultproxy.postgres.Failures;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/// The journal in the table `vault_proxy.clone_attempt`. Plain JDBC: its callers may wait.
public final class PostgresCloneJournal implements CloneJournal {
  /// How long an attempt is known: much longer than its command stays on its topic.
  static final Duration KEPT = Duration.ofDays(30);

  private static final String THIS = " WHERE session_id = ? AND resource_id = ? AND attempt = ?";

  private final DataSource database;
  private final InstantSource clock;

  public PostgresCloneJournal(DataSource database, InstantSource clock) {
    this.database = database;
    this.clock = clock;
  }

  @Override
  public Known start(CloneRepository command, String workspaceId) {
    Instant now = clock.instant();
    try (Connection connection = database.getConnection()) {
      execute(
          connection,
          "DELETE FROM vault_proxy.clone_attempt WHERE changed_at < ?",
          now.minus(KEPT));
      try (PreparedStatement upsert =
              prepare(
                  connection,
                  "INSERT INTO vault_proxy.clone_attempt AS known (session_id, resource_id,"
                      + " attempt, workspace_id, starts, changed_at) VALUES (?, ?, ?, ?, 1, ?)"
                      + " ON CONFLICT (session_id, resource_id, attempt) DO UPDATE SET"
                      + " starts = known.starts"
                      + " + CASE WHEN known.result IS NULL THEN 1 ELSE 0 END"
                      + " RETURNING starts, result",
                  command.sessionId().value(),
                  command.resourceId(),
                  command.attempt(),
                  workspaceId,
                  now);
          ResultSet row = upsert.executeQuery()) {
        row.next();
        String result = row.getString("result");
        return result == null
            ? new Known.Started(row.getInt("starts"))
            : new Known.Ended(result(result));
      }
    } catch (SQLException e) {
      throw Failures.of(e);
    }
  }

  @Override
  public Optional<RepositoryResult> end(RepositoryResult result) {
    String session = result.sessionId().value();
    try (Connection connection = database.getConnection();
        PreparedStatement update =
            prepare(
                connection,
                "UPDATE vault_proxy.clone_attempt SET result = coalesce(result, ?::json),"
                    + " changed_at = ?"
                    + THIS
                    + " RETURNING result",
                new String(Json.bytes(result), StandardCharsets.UTF_8),
                clock.instant(),
                session,
                result.resourceId(),
                result.attempt());
        ResultSet row = update.executeQuery()) {
      return row.next() ? Optional.of(result(row.getString("result"))) : Optional.empty();
    } catch (SQLException e) {
      throw Failures.of(e);
    }
  }

  @Override
  public void forget(SessionId session) {
    try (Connection connection = database.getConnection()) {
      execute(
          connection,
          "DELETE FROM vault_proxy.clone_attempt WHERE session_id = ?",
          session.value());
    } catch (SQLException e) {
      throw Failures.of(e);
    }
  }

  private static RepositoryResult result(@Nullable String json) {
    return Json.read(String.valueOf(json).getBytes(StandardCharsets.UTF_8), RepositoryResult.class);
  }

  private static void execute(Connection connection, String sql, Object parameter)
      throws SQLException {
    try (PreparedStatement statement = prepare(connection, sql, parameter)) {
      statement.execute();
    }
  }

  private static PreparedStatement prepare(Connection connection, String sql, Object... parameters)
      throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    for (int i = 0; i < parameters.length; i++) {
      Object parameter = parameters[i];
      statement.setObject(
          i + 1, parameter instanceof Instant time ? time.atOffset(ZoneOffset.UTC) : parameter);
    }
    return statement;
  }
}
